package dev.lamina.bench.peers.pytorch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.bench.peers.engine.InferenceSession;
import dev.lamina.bench.peers.engine.Network;
import dev.lamina.bench.peers.engine.Setup;
import dev.lamina.bench.peers.engine.TrainingSession;
import dev.lamina.bench.peers.engine.Workload;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** PyTorch's LeNet-5 against the definition, in plain loops and double precision. */
class PyTorchLeNet5Test {
  private static final int ROWS = 3;

  private final Workload workload = new Workload(Network.named("lenet5"), ROWS, 2, 7);

  @BeforeAll
  static void nativesAreOnTheClassPath() {
    assumeTrue(
        PyTorchEngine.class.getResource("/native/lib/pytorch.properties") != null,
        "PyTorch's native libraries are on the class path with -Prun only");
  }

  @Test
  void logitsAreThoseOfTheDefinition() {
    for (String variant :
        new String[] {PyTorchEngine.SHARED_THREADS, PyTorchEngine.BATCH_PER_THREAD}) {
      try (InferenceSession session = new PyTorchEngine().openInference(setup(variant))) {
        session.run(5);
        float[] logits = session.firstLogits();
        double[] expected = expectedLogits(0);
        assertEquals(expected.length, logits.length);
        for (int i = 0; i < logits.length; i++) {
          assertEquals(expected[i], logits[i], 1e-5, variant + " logit " + i);
        }
      }
    }
  }

  @Test
  void lossesAreTheMeanCrossEntropyAndFallTheSameWithBothUpdates() {
    float[] stock = losses(PyTorchEngine.STOCK_SGD);
    float[] inPlace = losses(PyTorchEngine.IN_PLACE_SGD);
    assertEquals(expectedLoss(0), stock[0], 1e-5);
    assertTrue(stock[stock.length - 1] < 0.9 * stock[0], "no learning");
    assertArrayEquals(stock, inPlace, 1e-5f);
  }

  private float[] losses(String variant) {
    try (TrainingSession session = new PyTorchEngine().openTraining(setup(variant))) {
      float[] losses = session.runForLosses(12);
      assertTrue(session.updateNanos().orElseThrow() > 0);
      return losses;
    }
  }

  private Setup setup(String variant) {
    return new Setup(workload, variant, 2, Path.of("target", "native").toAbsolutePath());
  }

  private double expectedLoss(int batch) {
    double[] logits = expectedLogits(batch);
    int[] labels = workload.labels(batch);
    double sum = 0;
    for (int row = 0; row < ROWS; row++) {
      double total = 0;
      for (int k = 0; k < 10; k++) {
        total += Math.exp(logits[row * 10 + k]);
      }
      sum += Math.log(total) - logits[row * 10 + labels[row]];
    }
    return sum / ROWS;
  }

  private double[] expectedLogits(int batch) {
    FloatBuffer images = FloatBuffer.allocate(workload.imageFloats());
    workload.writeImages(batch, images);
    double[] logits = new double[ROWS * 10];
    for (int row = 0; row < ROWS; row++) {
      double[] x = new double[784];
      for (int i = 0; i < 784; i++) {
        x[i] = images.get(row * 784 + i);
      }
      x = pool(relu(convolve(x, 1, 28, 6, 2, 0)), 6, 28);
      x = pool(relu(convolve(x, 6, 14, 16, 0, 2)), 16, 10);
      x = relu(multiply(x, 120, 4));
      x = relu(multiply(x, 84, 6));
      System.arraycopy(multiply(x, 10, 8), 0, logits, row * 10, 10);
    }
    return logits;
  }

  /** 5×5 cross-correlation of {@code x [channels,size,size]} with parameters index, index + 1. */
  private double[] convolve(
      double[] x, int channels, int size, int filters, int padding, int index) {
    FloatBuffer weight = values(index);
    FloatBuffer bias = values(index + 1);
    int out = size + 2 * padding - 4;
    double[] y = new double[filters * out * out];
    for (int f = 0; f < filters; f++) {
      for (int i = 0; i < out * out; i++) {
        double sum = bias.get(f);
        for (int k = 0; k < channels * 25; k++) {
          int row = i / out + k % 25 / 5 - padding;
          int column = i % out + k % 5 - padding;
          if (row >= 0 && row < size && column >= 0 && column < size) {
            sum += weight.get(f * channels * 25 + k) * x[(k / 25 * size + row) * size + column];
          }
        }
        y[f * out * out + i] = sum;
      }
    }
    return y;
  }

  private static double[] pool(double[] x, int channels, int size) {
    int out = size / 2;
    double[] y = new double[channels * out * out];
    for (int i = 0; i < y.length; i++) {
      int corner = i / (out * out) * size * size + i / out % out * 2 * size + i % out * 2;
      y[i] =
          Math.max(
              Math.max(x[corner], x[corner + 1]), Math.max(x[corner + size], x[corner + size + 1]));
    }
    return y;
  }

  private double[] multiply(double[] x, int units, int index) {
    FloatBuffer weight = values(index);
    FloatBuffer bias = values(index + 1);
    double[] y = new double[units];
    for (int unit = 0; unit < units; unit++) {
      y[unit] = bias.get(unit);
      for (int i = 0; i < x.length; i++) {
        y[unit] += weight.get(unit * x.length + i) * x[i];
      }
    }
    return y;
  }

  private static double[] relu(double[] x) {
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.max(0, x[i]);
    }
    return x;
  }

  private FloatBuffer values(int index) {
    long size = workload.network().parameters().get(index).shape().elements();
    FloatBuffer values = FloatBuffer.allocate(Math.toIntExact(size));
    workload.writeInitialValues(index, values);
    return values.flip();
  }
}
