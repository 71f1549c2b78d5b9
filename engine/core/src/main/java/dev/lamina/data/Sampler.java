package dev.lamina.data;

import dev.lamina.random.Philox;
import java.util.stream.IntStream;

/** The order in which an epoch visits samples: a pure function of seed and epoch. */
public final class Sampler {
  private static final long STREAM = 1;

  private Sampler() {}

  /** Returns every index below {@code size} once, shuffled anew in each epoch. */
  public static int[] shuffled(int size, long seed, int epoch) {
    return new Philox(seed, STREAM).permutation(size, epoch);
  }

  /** Returns every index below {@code size} in order. */
  public static int[] sequential(int size) {
    return IntStream.range(0, size).toArray();
  }
}
