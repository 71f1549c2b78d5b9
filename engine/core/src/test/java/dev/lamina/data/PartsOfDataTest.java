package dev.lamina.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.tensor.DataType;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartsOfDataTest {
  /** Pixel and number of a sample agree; class 0 has half of the samples, 1 a third, 2 the rest. */
  private static Dataset dataset(int size) {
    byte[] pixels = new byte[size];
    int[] labels = new int[size];
    for (int i = 0; i < size; i++) {
      pixels[i] = (byte) i;
      labels[i] = i % 6 < 3 ? 0 : i % 6 < 5 ? 1 : 2;
    }
    return InMemoryDataset.ofPixels(
        "part",
        SampleSpec.of(DataType.U8, 1, 1, 1, 3),
        Normalization.pixels(List.of(0f), List.of(1f)),
        pixels,
        labels);
  }

  private static int[] classes(Dataset dataset) {
    int[] counts = new int[3];
    for (int i = 0; i < dataset.size(); i++) {
      counts[dataset.label(i)]++;
    }
    return counts;
  }

  @Test
  void stratifiedPartsShareEachClass() {
    Subset.Parts parts = Subset.stratified(dataset(120), 0.25, 1);
    assertArrayEquals(new int[] {15, 10, 5}, classes(parts.part()));
    assertArrayEquals(new int[] {45, 30, 15}, classes(parts.rest()));
    boolean[] seen = new boolean[120];
    for (Dataset part : List.of(parts.part(), parts.rest())) {
      for (int i = 0; i < part.size(); i++) {
        ByteBuffer pixel = ByteBuffer.allocate(1);
        part.read(i, pixel);
        int number = pixel.get(0) & 0xff;
        assertEquals(dataset(120).label(number), part.label(i));
        assertEquals(number, ((Subset) part).indices()[i]);
        seen[number] = true;
      }
    }
    for (boolean each : seen) {
      assertTrue(each);
    }
    int[] again = ((Subset) Subset.stratified(dataset(120), 0.25, 1).part()).indices();
    int[] other = ((Subset) Subset.stratified(dataset(120), 0.25, 2).part()).indices();
    assertArrayEquals(((Subset) parts.part()).indices(), again);
    assertNotEquals(Arrays.toString(again), Arrays.toString(other));
  }

  @Test
  void refusesEmptyParts() {
    Dataset few = dataset(3);
    assertThrows(DataException.class, () -> Subset.stratified(few, 0.1, 1));
    assertThrows(DataException.class, () -> Subset.stratified(few, 1, 1));
    assertThrows(DataException.class, () -> new Subset(few));
    assertThrows(DataException.class, () -> new Subset(few, 3));
  }

  /** With noise 0.4 and three classes: 0.6 stay, each of the others gets 0.2. */
  @Test
  void noiseIsSymmetric() {
    Dataset clean = dataset(60_000);
    Dataset noisy = new NoisyLabels(clean, 0.4, 5);
    int[][] transitions = new int[3][3];
    for (int i = 0; i < clean.size(); i++) {
      transitions[clean.label(i)][noisy.label(i)]++;
    }
    int[] counts = classes(clean);
    for (int c = 0; c < 3; c++) {
      for (int to = 0; to < 3; to++) {
        double expected = to == c ? 0.6 : 0.2;
        double share = (double) transitions[c][to] / counts[c];
        // five standard deviations of the smallest class
        assertEquals(expected, share, 5 * Math.sqrt(0.25 / counts[2]), c + " to " + to);
      }
    }
    Dataset all = new NoisyLabels(clean, 1, 5);
    Dataset none = new NoisyLabels(clean, 0, 5);
    Dataset again = new NoisyLabels(clean, 0.4, 5);
    for (int i = 0; i < 1000; i++) {
      assertNotEquals(clean.label(i), all.label(i));
      assertEquals(clean.label(i), none.label(i));
      assertEquals(noisy.label(i), again.label(i));
    }
    assertThrows(DataException.class, () -> new NoisyLabels(clean, 1.5, 5));
  }
}
