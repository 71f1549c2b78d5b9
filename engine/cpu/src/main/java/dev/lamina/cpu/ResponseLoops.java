package dev.lamina.cpu;

import dev.lamina.device.OpCall;
import dev.lamina.op.LocalResponseNorm;
import dev.lamina.op.LocalResponseNormBackward;
import dev.lamina.tensor.TensorSpec;
import java.nio.FloatBuffer;

/** Local response normalisation, in Java: one sample at a time, plane by plane. */
final class ResponseLoops {
  private static final float USUAL_BETA = 0.75f;

  private ResponseLoops() {}

  static CpuWay forward(LocalResponseNorm op, OpCall call) {
    TensorSpec images = call.inputs().get(0);
    int rows = images.shape().size(0);
    return CpuWay.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer in = inputs.get(0).floats();
              FloatBuffer out = outputs.get(0).floats();
              Sample sample = new Sample(images, op.size(), op.alpha(), op.beta(), op.k());
              return () -> {
                for (int n = 0, at = 0; n < rows; n++, at += sample.x.length) {
                  in.get(at, sample.x);
                  sample.bases();
                  multiply(sample.x, sample.powers, sample.result);
                  out.put(at, sample.result);
                }
              };
            });
  }

  static CpuWay backward(LocalResponseNormBackward op, OpCall call) {
    TensorSpec images = call.inputs().get(1);
    int rows = images.shape().size(0);
    float factor = 2 * op.alpha() * op.beta() / op.size();
    return CpuWay.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer gradients = inputs.get(0).floats();
              FloatBuffer in = inputs.get(1).floats();
              FloatBuffer out = outputs.get(0).floats();
              Sample sample = new Sample(images, op.size(), op.alpha(), op.beta(), op.k());
              float[] dy = new float[sample.x.length];
              float[] terms = new float[sample.x.length];
              return () -> {
                for (int n = 0, at = 0; n < rows; n++, at += sample.x.length) {
                  gradients.get(at, dy);
                  in.get(at, sample.x);
                  sample.bases();
                  terms(dy, sample, terms);
                  sample.around(terms, sample.result);
                  finish(dy, sample, factor);
                  out.put(at, sample.result);
                }
              };
            });
  }

  private static void multiply(float[] a, float[] b, float[] product) {
    for (int i = 0; i < product.length; i++) {
      product[i] = a[i] * b[i];
    }
  }

  private static void terms(float[] dy, Sample sample, float[] terms) {
    float[] x = sample.x;
    float[] powers = sample.powers;
    float[] bases = sample.bases;
    for (int i = 0; i < terms.length; i++) {
      terms[i] = dy[i] * x[i] * powers[i] / bases[i];
    }
  }

  private static void finish(float[] dy, Sample sample, float factor) {
    float[] x = sample.x;
    float[] powers = sample.powers;
    float[] result = sample.result;
    for (int i = 0; i < result.length; i++) {
      result[i] = dy[i] * powers[i] - factor * x[i] * result[i];
    }
  }

  /** One sample and what follows from it. */
  private static final class Sample {
    private final int channels;
    private final int plane;
    private final int size;
    private final float weight;
    private final float beta;
    private final float k;
    private final float[] x;
    private final float[] squares;

    /** What is raised to {@code -beta}. */
    private final float[] bases;

    private final float[] powers;
    private final float[] result;

    Sample(TensorSpec images, int size, float alpha, float beta, float k) {
      channels = images.shape().size(1);
      plane = images.shape().size(2) * images.shape().size(3);
      this.size = size;
      weight = alpha / size;
      this.beta = beta;
      this.k = k;
      x = new float[channels * plane];
      squares = new float[x.length];
      bases = new float[x.length];
      powers = new float[x.length];
      result = new float[x.length];
    }

    void bases() {
      multiply(x, x, squares);
      around(squares, bases);
      for (int i = 0; i < bases.length; i++) {
        bases[i] = k + weight * bases[i];
      }
      if (beta == USUAL_BETA) {
        usualPowers(bases, powers);
      } else {
        for (int i = 0; i < bases.length; i++) {
          powers[i] = (float) Math.pow(bases[i], -beta);
        }
      }
    }

    /** Two roots, which the JVM vectorises, in place of a power. */
    private static void usualPowers(float[] bases, float[] powers) {
      for (int i = 0; i < bases.length; i++) {
        float root = (float) Math.sqrt(bases[i]);
        powers[i] = 1 / (root * (float) Math.sqrt(root));
      }
    }

    /** Adds up the planes around each. */
    void around(float[] values, float[] sums) {
      for (int c = 0; c < channels; c++) {
        int first = Math.max(0, c - size / 2);
        int last = Math.min(channels - 1, c + size / 2);
        System.arraycopy(values, first * plane, sums, c * plane, plane);
        for (int j = first + 1; j <= last; j++) {
          add(values, j * plane, sums, c * plane, plane);
        }
      }
    }

    private static void add(float[] values, int from, float[] sums, int to, int count) {
      for (int i = 0; i < count; i++) {
        sums[to + i] += values[from + i];
      }
    }
  }
}
