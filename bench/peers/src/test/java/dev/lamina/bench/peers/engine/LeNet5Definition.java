package dev.lamina.bench.peers.engine;

import java.nio.FloatBuffer;

/** LeNet-5 in plain loops and double precision, for engines to be tested against. */
public final class LeNet5Definition {
  private final Workload workload;
  private final int rows;

  public LeNet5Definition(Workload workload) {
    this.workload = workload;
    this.rows = workload.batchSize();
  }

  /** Returns the mean cross-entropy of a batch under the initial weights. */
  public double loss(int batch) {
    double[] logits = logits(batch);
    int[] labels = workload.labels(batch);
    double sum = 0;
    for (int row = 0; row < rows; row++) {
      double total = 0;
      for (int k = 0; k < 10; k++) {
        total += Math.exp(logits[row * 10 + k]);
      }
      sum += Math.log(total) - logits[row * 10 + labels[row]];
    }
    return sum / rows;
  }

  /** Returns the class probabilities of a batch under the initial weights, row after row. */
  public double[] probabilities(int batch) {
    double[] values = logits(batch);
    for (int row = 0; row < rows; row++) {
      double total = 0;
      for (int k = row * 10; k < row * 10 + 10; k++) {
        values[k] = Math.exp(values[k]);
        total += values[k];
      }
      for (int k = row * 10; k < row * 10 + 10; k++) {
        values[k] /= total;
      }
    }
    return values;
  }

  private double[] logits(int batch) {
    FloatBuffer images = FloatBuffer.allocate(workload.imageFloats());
    workload.writeImages(batch, images);
    double[] logits = new double[rows * 10];
    for (int row = 0; row < rows; row++) {
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
