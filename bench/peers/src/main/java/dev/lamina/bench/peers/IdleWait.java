package dev.lamina.bench.peers;

import java.util.function.DoubleSupplier;

/**
 * Waits until other processes leave the machine alone.
 *
 * <p>An engine that spins at its barriers loses far more than the share others take, so a run that
 * starts on a busy machine says little.
 */
final class IdleWait {
  /** Up to this share of the processors, the machine counts as idle. */
  static final double IDLE_SHARE = 0.05;

  /**
   * What was seen before a run.
   *
   * @param busyShare share of the processors that was busy in the last look, 0 to 1
   * @param waitedSeconds how long the wait was
   */
  record Seen(double busyShare, double waitedSeconds) {
    boolean idle() {
      return busyShare <= IDLE_SHARE;
    }
  }

  private static final long LOOK_MILLIS = 1000;

  private final double patienceSeconds;
  private final DoubleSupplier look;
  private final double lookSeconds;

  /** Makes a wait that looks for a second at a time, for at most {@code patienceSeconds}. */
  IdleWait(double patienceSeconds) {
    this(patienceSeconds, IdleWait::lookAtMachine, LOOK_MILLIS / 1e3);
  }

  /**
   * Makes a wait.
   *
   * @param look watches for {@code lookSeconds} and returns the busy share
   */
  IdleWait(double patienceSeconds, DoubleSupplier look, double lookSeconds) {
    this.patienceSeconds = patienceSeconds;
    this.look = look;
    this.lookSeconds = lookSeconds;
  }

  /** Blocks until the machine is idle or patience ends; looks at least once. */
  Seen await() {
    double waited = 0;
    while (true) {
      Seen seen = new Seen(look.getAsDouble(), waited);
      if (seen.idle() || waited >= patienceSeconds) {
        return seen;
      }
      waited += lookSeconds;
    }
  }

  private static double lookAtMachine() {
    CpuTimes before = CpuTimes.now();
    try {
      Thread.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorkerException("interrupted while waiting for an idle machine");
    }
    return CpuTimes.now().othersShareSince(before);
  }
}
