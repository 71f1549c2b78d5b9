package dev.lamina.bench.peers.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class WorkloadTest {
  private static final Network LENET5 = Network.named("lenet5");
  private final Workload workload = new Workload(LENET5, 64, 16, 1);

  @Test
  void numbersAreThoseOfEarlierVersions() {
    // Figures of different commits compare only while the work stays the same.
    assertEquals(2644413582L, crc(images(workload, 3)));
    assertEquals(2620571713L, crc(initialValues(workload, 4)));
  }

  @Test
  void aBatchDoesNotDependOnWhatWasWrittenBefore() {
    float[] alone = images(new Workload(LENET5, 64, 16, 1), 5);
    images(workload, 0);
    assertArrayEquals(alone, images(workload, 5));
  }

  @Test
  void batchesAndSeedsDiffer() {
    assertFalse(Arrays.equals(images(workload, 0), images(workload, 1)));
    assertFalse(Arrays.equals(images(workload, 0), images(new Workload(LENET5, 64, 16, 2), 0)));
    assertFalse(Arrays.equals(workload.labels(0), workload.labels(1)));
  }

  @Test
  void labelsNameEveryClassAndNoOther() {
    int[] counts = new int[10];
    for (int batch = 0; batch < 16; batch++) {
      for (int label : workload.labels(batch)) {
        counts[label]++;
      }
    }
    assertTrue(Arrays.stream(counts).allMatch(count -> count > 60), Arrays.toString(counts));
  }

  @Test
  void imagesOfOneClassResembleOneAnother() {
    float[] pixels = images(workload, 0);
    int[] labels = workload.labels(0);
    double same = 0;
    double other = 0;
    int sames = 0;
    int others = 0;
    for (int a = 0; a < 64; a++) {
      for (int b = 0; b < a; b++) {
        double product = 0;
        for (int i = 0; i < 784; i++) {
          product += pixels[a * 784 + i] * pixels[b * 784 + i];
        }
        if (labels[a] == labels[b]) {
          same += product;
          sames++;
        } else {
          other += product;
          others++;
        }
      }
    }
    // Expected for one class: 784 pixels of variance 0.25 / 3.
    assertEquals(784 * 0.25 / 3, same / sames, 10);
    assertEquals(0, other / others, 10);
  }

  @Test
  void weightsFillTheirBoundAndBiasesAreNotZero() {
    float[] weight = initialValues(workload, 2);
    double bound = Math.sqrt(6.0 / 150);
    assertEquals(16 * 150, weight.length);
    for (float value : weight) {
      assertTrue(Math.abs(value) <= bound, () -> value + " above " + bound);
    }
    double square = 0;
    for (float value : weight) {
      square += (double) value * value;
    }
    assertEquals(bound * bound / 3, square / weight.length, 0.05 * bound * bound / 3);
    for (float value : initialValues(workload, 3)) {
      assertTrue(value != 0 && Math.abs(value) <= 0.1f, () -> "bias " + value);
    }
  }

  @Test
  void emptyBatchesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Workload(LENET5, 0, 16, 1));
    assertThrows(IllegalArgumentException.class, () -> new Workload(LENET5, 64, 0, 1));
  }

  private static float[] images(Workload workload, int batch) {
    FloatBuffer buffer = FloatBuffer.allocate(workload.imageFloats());
    workload.writeImages(batch, buffer);
    assertEquals(0, buffer.remaining());
    return buffer.array();
  }

  private static float[] initialValues(Workload workload, int index) {
    long size = LENET5.parameters().get(index).shape().elements();
    FloatBuffer buffer = FloatBuffer.allocate(Math.toIntExact(size));
    workload.writeInitialValues(index, buffer);
    assertEquals(0, buffer.remaining());
    return buffer.array();
  }

  private static long crc(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
    bytes.asFloatBuffer().put(values);
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return crc.getValue();
  }
}
