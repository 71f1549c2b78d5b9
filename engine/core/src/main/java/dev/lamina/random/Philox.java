package dev.lamina.random;

/**
 * Philox4x32-10, a counter-based random number generator: every number is a pure function of a key
 * and a counter, so shuffles, initial weights and distortions need no state and no order.
 *
 * <p>The key is {@code (seed, stream)}; the counter is {@code (step, element)}. Source: Salmon et
 * al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
public final class Philox {
  private static final int MULTIPLIER_0 = 0xD2511F53;
  private static final int MULTIPLIER_1 = 0xCD9E8D57;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;

  /** Words that one block gives: elements {@code 4 i} to {@code 4 i + 3} share a block. */
  public static final int BLOCK = 4;

  private final int key0;
  private final int key1;

  /**
   * Makes the generator of one stream of one seed.
   *
   * @param seed the run's seed; all 64 bits count
   * @param stream what the numbers are for, so that no two uses share them
   */
  public Philox(long seed, long stream) {
    this(mix(seed + 0x9E3779B97F4A7C15L * (stream + 1)));
  }

  private Philox(long key) {
    key0 = (int) key;
    key1 = (int) (key >>> 32);
  }

  /** Returns the generator whose {@link #key()} this is. */
  public static Philox ofKey(long key) {
    return new Philox(key);
  }

  /** Returns what seed and stream come to, so that devices need not mix them themselves. */
  public long key() {
    return key0 & 0xFFFFFFFFL | (long) key1 << 32;
  }

  /** Returns 32 random bits at {@code (step, element)}. */
  public int bits(long step, long element) {
    long index = element >>> 2;
    return word(
        (int) index,
        (int) (index >>> 32),
        (int) step,
        (int) (step >>> 32),
        key0,
        key1,
        (int) (element & 3));
  }

  /**
   * Puts the bits at elements {@code 4 * block} to {@code 4 * block + 3} of a step, in less time
   * than one by one.
   */
  public void block(long step, long block, int[] four) {
    int c0 = (int) block;
    int c1 = (int) (block >>> 32);
    int c2 = (int) step;
    int c3 = (int) (step >>> 32);
    int k0 = key0;
    int k1 = key1;
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = (MULTIPLIER_0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
      long product1 = (MULTIPLIER_1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
      c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c1 = (int) product1;
      c3 = (int) product0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    four[0] = c0;
    four[1] = c1;
    four[2] = c2;
    four[3] = c3;
  }

  /** Returns a number evenly drawn from {@code [0, 1)} at {@code (step, element)}. */
  public float uniform(long step, long element) {
    return (bits(step, element) >>> 8) * 0x1p-24f;
  }

  /** Returns an integer evenly drawn from {@code [0, bound)}; the bias is below 2^-32 per value. */
  public int below(int bound, long step, long element) {
    return (int) (((bits(step, element) & 0xFFFFFFFFL) * bound) >>> 32);
  }

  /**
   * Returns a number from the standard normal distribution (Box-Muller) at the position, the same
   * on every machine.
   */
  public float gaussian(long step, long element) {
    double first = ((bits(step, 2 * element) & 0xFFFFFFFFL) + 1.0) * 0x1p-32;
    double second = (bits(step, 2 * element + 1) & 0xFFFFFFFFL) * 0x1p-32;
    return (float)
        (Math.sqrt(-2.0 * StrictMath.log(first)) * StrictMath.cos(2.0 * Math.PI * second));
  }

  /**
   * Returns a random order of {@code 0 .. size-1} (Fisher-Yates over this stream's numbers).
   *
   * @param step which order, for example the epoch
   */
  public int[] permutation(int size, long step) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      order[i] = i;
    }
    for (int i = size - 1; i > 0; i--) {
      int j = below(i + 1, step, i);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  /**
   * Returns one of the four words of the block at counter {@code c0..c3} under key {@code k0, k1}.
   */
  static int word(int c0, int c1, int c2, int c3, int k0, int k1, int word) {
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = (MULTIPLIER_0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
      long product1 = (MULTIPLIER_1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
      int next0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      int next2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c1 = (int) product1;
      c3 = (int) product0;
      c0 = next0;
      c2 = next2;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    return switch (word) {
      case 0 -> c0;
      case 1 -> c1;
      case 2 -> c2;
      default -> c3;
    };
  }

  /** Finaliser of SplitMix64: spreads nearby seeds and streams over all key bits. */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
