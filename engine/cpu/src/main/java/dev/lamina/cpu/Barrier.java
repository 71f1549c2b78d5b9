package dev.lamina.cpu;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Where lanes wait for each other, many times a millisecond: by spinning, since waking a thread
 * costs more than most waits are long. A lane that waits longer gives its core away in between,
 * which keeps machines usable that have fewer free cores than lanes.
 */
final class Barrier {
  private static final int SPINS = 500;

  /** Ints in two cache lines, so that lanes do not share one. */
  private static final int STRIDE = 32;

  private final int lanes;

  /** How many barriers each lane has reached. */
  private final AtomicIntegerArray reached;

  Barrier(int lanes) {
    this.lanes = lanes;
    reached = new AtomicIntegerArray((lanes + 1) * STRIDE);
  }

  void await(int lane) {
    if (lanes == 1) {
      return;
    }
    int here = reached.get(lane * STRIDE) + 1;
    reached.set(lane * STRIDE, here);
    for (int other = 0; other < lanes; other++) {
      int spins = 0;
      // By difference, since the counters wrap around.
      while (reached.get(other * STRIDE) - here < 0) {
        if (++spins < SPINS) {
          Thread.onSpinWait();
        } else {
          Thread.yield();
        }
      }
    }
  }
}
