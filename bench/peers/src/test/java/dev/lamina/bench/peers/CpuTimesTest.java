package dev.lamina.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class CpuTimesTest {
  @Test
  void countsStolenTimeAsBusyAndWaitingAsIdleAndGuestsOnce() {
    CpuTimes times =
        CpuTimes.parse("cpu  100 20 30 400 50 6 7 80 90 91\ncpu0 1 2 3 4 5 6 7 8 9 10\n", 0.5);
    assertEquals(2.43, times.busySeconds(), 1e-9);
    assertEquals(4.50, times.idleSeconds(), 1e-9);
    assertEquals(0.5, times.ownSeconds());
  }

  @Test
  void othersHaveWhatIsBusyButNotOurs() {
    CpuTimes before = new CpuTimes(10, 100, 4);
    CpuTimes after = new CpuTimes(13, 101, 6);
    assertEquals(0.25, after.othersShareSince(before), 1e-9);
  }

  @Test
  void ticksThatLagBehindOurOwnClockGiveNoNegativeShare() {
    assertEquals(0, new CpuTimes(10.9, 100, 5).othersShareSince(new CpuTimes(10, 100, 4)));
    assertEquals(0, new CpuTimes(10, 100, 4).othersShareSince(new CpuTimes(10, 100, 4)));
  }

  @Test
  void anotherFormatIsAnError() {
    assertThrows(IllegalStateException.class, () -> CpuTimes.parse("", 0));
    assertThrows(IllegalStateException.class, () -> CpuTimes.parse("cpu0 1 2 3 4 5 6 7 8", 0));
    assertThrows(IllegalStateException.class, () -> CpuTimes.parse("cpu 1 2 3 4", 0));
  }
}
