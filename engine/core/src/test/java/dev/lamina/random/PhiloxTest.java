package dev.lamina.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhiloxTest {

  /** The three "philox4x32 10" lines of Random123's tests/kat_vectors: counter, key, result. */
  @ParameterizedTest
  @CsvSource({
    "00000000 00000000 00000000 00000000, 00000000 00000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
    "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0, d16cfe09 94fdcceb 5001e420 24126ea1",
  })
  void agreesWithThePublishedVectors(String counter, String key, String result) {
    int[] c = words(counter);
    int[] k = words(key);
    int[] actual = new int[4];
    for (int word = 0; word < 4; word++) {
      actual[word] = Philox.word(c[0], c[1], c[2], c[3], k[0], k[1], word);
    }
    assertArrayEquals(words(result), actual);
  }

  @Test
  void everyPartOfThePositionCounts() {
    Philox philox = new Philox(1, 2);
    Set<Integer> seen = new HashSet<>();
    long[] parts = {0, 1, 2, 3, 4, 1L << 31, 1L << 32, 1L << 34, 1L << 62, -1};
    for (long step : parts) {
      for (long element : parts) {
        seen.add(philox.bits(step, element));
      }
    }
    assertEquals(parts.length * parts.length, seen.size());
    assertNotEquals(philox.bits(0, 0), new Philox(1, 3).bits(0, 0));
    assertNotEquals(philox.bits(0, 0), new Philox(2, 2).bits(0, 0));
    assertNotEquals(philox.bits(0, 0), new Philox(1 + (1L << 40), 2).bits(0, 0));
    assertEquals(philox.bits(5, 6), new Philox(1, 2).bits(5, 6));
  }

  @Test
  void blocksHoldTheNumbersOfTheirElements() {
    Philox philox = Philox.ofKey(new Philox(9, 4).key());
    int[] four = new int[Philox.BLOCK];
    for (long block : new long[] {0, 1, 1L << 32, -1L >>> 2}) {
      philox.block(-3, block, four);
      for (int word = 0; word < Philox.BLOCK; word++) {
        assertEquals(new Philox(9, 4).bits(-3, 4 * block + word), four[word]);
      }
    }
  }

  @Test
  void numbersHaveTheMomentsOfTheirDistribution() {
    Philox philox = new Philox(42, 0);
    int count = 200_000;
    double uniform = 0;
    double gaussian = 0;
    double gaussianSquared = 0;
    int[] below = new int[7];
    for (int i = 0; i < count; i++) {
      float u = philox.uniform(0, i);
      assertTrue(u >= 0 && u < 1);
      uniform += u;
      float g = philox.gaussian(1, i);
      gaussian += g;
      gaussianSquared += (double) g * g;
      below[philox.below(7, 2, i)]++;
    }
    // Five standard errors of each estimate.
    assertEquals(0.5, uniform / count, 5 * Math.sqrt(1.0 / 12 / count));
    assertEquals(0.0, gaussian / count, 5 * Math.sqrt(1.0 / count));
    assertEquals(1.0, gaussianSquared / count, 5 * Math.sqrt(2.0 / count));
    for (int hits : below) {
      assertEquals(1.0 / 7, hits / (double) count, 5 * Math.sqrt(6.0 / 49 / count));
    }
  }

  /** Bits of the numbers themselves: initial weights must not depend on the machine. */
  @Test
  void gaussianIsTheSameEverywhere() {
    Philox philox = new Philox(7, 1);
    int hash = 1;
    for (int i = 0; i < 10_000; i++) {
      hash = 31 * hash + Float.floatToRawIntBits(philox.gaussian(3, i));
    }
    assertEquals(GAUSSIAN_HASH, hash);
  }

  private static final int GAUSSIAN_HASH = 921231112;

  @Test
  void permutationHoldsEachIndexOnceAndChangesWithTheStep() {
    Philox philox = new Philox(3, 4);
    for (int size : new int[] {0, 1, 2, 31, 1000}) {
      int[] sorted = philox.permutation(size, 9);
      Arrays.sort(sorted);
      int[] expected = new int[size];
      Arrays.setAll(expected, i -> i);
      assertArrayEquals(expected, sorted);
    }
    assertArrayEquals(philox.permutation(1000, 9), philox.permutation(1000, 9));
    assertTrue(!Arrays.equals(philox.permutation(1000, 9), philox.permutation(1000, 10)));
  }

  @Test
  void allOrdersOfThreeAreEquallyLikely() {
    Philox philox = new Philox(5, 0);
    int[] counts = new int[27];
    int trials = 60_000;
    for (int step = 0; step < trials; step++) {
      int[] order = philox.permutation(3, step);
      counts[order[0] * 9 + order[1] * 3 + order[2]]++;
    }
    assertEquals(6, Arrays.stream(counts).filter(count -> count > 0).count());
    for (int count : counts) {
      if (count > 0) {
        assertEquals(1.0 / 6, count / (double) trials, 5 * Math.sqrt(5.0 / 36 / trials));
      }
    }
  }

  private static int[] words(String hex) {
    return Arrays.stream(hex.trim().split(" "))
        .mapToInt(w -> Integer.parseUnsignedInt(w, 16))
        .toArray();
  }
}
