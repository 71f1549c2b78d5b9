package dev.lamina.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class IdleWaitTest {
  @Test
  void startsAtOnceOnAnIdleMachine() {
    assertEquals(new IdleWait.Seen(0.01, 0), await(100, 0.01));
  }

  @Test
  void waitsUntilOthersAreDone() {
    IdleWait.Seen seen = await(100, 0.9, 0.5, 0.02);
    assertTrue(seen.idle());
    assertEquals(2, seen.waitedSeconds());
  }

  @Test
  void givesUpWhenPatienceEndsAndSaysSo() {
    IdleWait.Seen seen = await(2, 0.9, 0.8, 0.7);
    assertFalse(seen.idle());
    assertEquals(0.7, seen.busyShare());
  }

  @Test
  void looksOnceEvenWithoutPatience() {
    assertFalse(await(0, 0.9).idle());
  }

  private static IdleWait.Seen await(double patienceSeconds, Double... looks) {
    Iterator<Double> script = List.of(looks).iterator();
    return new IdleWait(patienceSeconds, script::next, 1).await();
  }
}
