package dev.lamina.cpu;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Where lanes wait for each other, many times a millisecond: by spinning, since waking a thread
 * costs more than most waits are long. A lane that waits longer gives its core away in between,
 * which keeps machines usable that have fewer free cores than lanes; and one that waits for a whole
 * phase sleeps, since the lanes at work may use its core through OpenMP.
 */
final class Barrier {
  private static final int SPINS = 500;

  /** Some 100 µs: what a sleep and its end cost several times over. */
  private static final int YIELDS = 300;

  /** Ints in two cache lines, so that lanes do not share one. */
  private static final int STRIDE = 32;

  private final int lanes;

  /** How many barriers each lane has reached. */
  private final AtomicIntegerArray reached;

  /** The thread of each lane that sleeps, or is about to; else null. */
  private final AtomicReferenceArray<Thread> sleeping;

  Barrier(int lanes) {
    this.lanes = lanes;
    reached = new AtomicIntegerArray((lanes + 1) * STRIDE);
    sleeping = new AtomicReferenceArray<>((lanes + 1) * STRIDE);
  }

  void await(int lane) {
    if (lanes == 1) {
      return;
    }
    int here = reached.get(lane * STRIDE) + 1;
    reached.set(lane * STRIDE, here);
    for (int other = 0; other < lanes; other++) {
      // After the arrival is visible: a lane that announced its sleep before it is woken, one that
      // announces it later sees the arrival and does not sleep.
      Thread asleep = sleeping.get(other * STRIDE);
      if (asleep != null) {
        LockSupport.unpark(asleep);
      }
    }
    for (int other = 0; other < lanes; other++) {
      int looks = 0;
      while (missing(other, here)) {
        looks++;
        if (looks < SPINS) {
          Thread.onSpinWait();
        } else if (looks < SPINS + YIELDS) {
          Thread.yield();
        } else {
          sleep(lane, other, here);
        }
      }
    }
  }

  private boolean missing(int other, int here) {
    // By difference, since the counters wrap around.
    return reached.get(other * STRIDE) - here < 0;
  }

  private void sleep(int lane, int other, int here) {
    sleeping.set(lane * STRIDE, Thread.currentThread());
    boolean interrupted = false;
    while (missing(other, here)) {
      LockSupport.park(this);
      // An interrupted thread does not park: it would spin here. The interrupt is for the caller.
      interrupted |= Thread.interrupted();
    }
    sleeping.set(lane * STRIDE, null);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
