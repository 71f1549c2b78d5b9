package dev.lamina.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class PeakMemoryTest {
  @Test
  void readsTheHighWaterMarkInBytes() {
    assertEquals(
        150_364L * 1024,
        PeakMemory.parse("VmPeak:\t 9999999 kB\nVmHWM:\t  150364 kB\nVmRSS:\t  1000 kB\n"));
  }

  @Test
  void aMissingFieldIsAnError() {
    assertThrows(IllegalStateException.class, () -> PeakMemory.parse("VmRSS:\t  1000 kB\n"));
  }
}
