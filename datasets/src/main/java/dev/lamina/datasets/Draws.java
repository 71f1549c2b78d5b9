package dev.lamina.datasets;

import dev.lamina.random.Philox;

/** The random numbers of one sample, one after the other. */
final class Draws {
  private final Philox philox;
  private final long sample;
  private long element;

  Draws(Philox philox, long sample) {
    this.philox = philox;
    this.sample = sample;
  }

  /** Returns 32 random bits. */
  int bits() {
    return philox.bits(sample, element++);
  }

  /** Returns an integer evenly drawn from {@code [0, bound)}. */
  int below(int bound) {
    return philox.below(bound, sample, element++);
  }

  /** Returns a number evenly drawn between the two. */
  float between(float low, float high) {
    return low + (high - low) * philox.uniform(sample, element++);
  }

  /**
   * Returns a number with mean 0 and deviation 1, bell-shaped and never beyond 3: the sum of three
   * even ones, cut from one draw, which needs no logarithm.
   */
  float bell() {
    int bits = bits();
    int sum = (bits & 0x3FF) + (bits >>> 10 & 0x3FF) + (bits >>> 20 & 0x3FF);
    return (2 * sum - 3 * 0x3FF) / (float) 0x3FF;
  }
}
