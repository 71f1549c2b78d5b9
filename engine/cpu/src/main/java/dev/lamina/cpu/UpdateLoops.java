package dev.lamina.cpu;

import dev.lamina.device.OpCall;
import dev.lamina.op.AdagradUpdate;
import dev.lamina.op.AdamUpdate;
import dev.lamina.op.ClipFactor;
import dev.lamina.op.OptimizerOp;
import dev.lamina.op.RmsPropUpdate;
import dev.lamina.op.SgdUpdate;
import dev.lamina.op.StepTable;
import dev.lamina.op.SumGradients;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * What happens to gradients and parameters after the backward pass, in Java.
 *
 * <p>Loops run on array tiles that stay in the first cache: the JVM vectorises those, and does not
 * vectorise loops over native memory.
 */
final class UpdateLoops {
  private static final int TILE = 2048;

  private UpdateLoops() {}

  static Way sum(SumGradients op, OpCall call) {
    int length = length(call, 0);
    long words = call.inputs().get(1).dim(1);
    return Way.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer sum = inputs.get(0).floats();
              StepCell cell = StepCell.of(inputs, 1, words);
              FloatBuffer[] gradients = floats(inputs, 3);
              float[] total = new float[TILE];
              float[] part = new float[TILE];
              return () -> {
                boolean keep = op.keeps() && cell.real(StepTable.KEEP_GRADIENTS) != 0;
                for (int from = 0; from < length; from += TILE) {
                  int n = Math.min(TILE, length - from);
                  read(gradients, from, n, total, part);
                  if (keep) {
                    sum.get(from, part, 0, n);
                    add(total, part, n);
                  }
                  sum.put(from, total, 0, n);
                }
              };
            });
  }

  static Way squaredNorm(OpCall call) {
    int length = length(call, 0);
    return Way.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer values = inputs.get(0).floats();
              FloatBuffer out = outputs.get(0).floats();
              float[] tile = new float[TILE];
              return () -> {
                double sum = 0;
                for (int from = 0; from < length; from += TILE) {
                  int n = Math.min(TILE, length - from);
                  values.get(from, tile, 0, n);
                  sum += squares(tile, n);
                }
                out.put(0, (float) sum);
              };
            });
  }

  static Way clipFactor(ClipFactor op, OpCall call) {
    long words = call.inputs().get(0).dim(1);
    return Way.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              StepCell cell = StepCell.of(inputs, 0, words);
              FloatBuffer[] squares = floats(inputs, 2);
              FloatBuffer out = outputs.get(0).floats();
              return () -> {
                double sum = 0;
                for (FloatBuffer square : squares) {
                  sum += square.get(0);
                }
                double norm = cell.real(StepTable.GRADIENT_SCALE) * Math.sqrt(sum);
                out.put(0, (float) Math.min(1, op.maxNorm() / (norm + 1e-6)));
              };
            });
  }

  static Way sgd(SgdUpdate op, OpCall call) {
    int length = length(call, 0);
    return Way.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer parameters = inputs.get(0).floats();
              FloatBuffer velocities = op.states() == 1 ? inputs.get(1).floats() : null;
              Gradients gradients = new Gradients(op, inputs);
              UpdateScalars scalars = new UpdateScalars(op, call, inputs);
              float[] p = new float[TILE];
              float[] v = new float[TILE];
              return () -> {
                float rate = scalars.rate();
                float scale = scalars.scale();
                for (int from = 0; from < length; from += TILE) {
                  int n = Math.min(TILE, length - from);
                  float[] g = gradients.read(from, n);
                  parameters.get(from, p, 0, n);
                  decay(g, p, n, scale, op.weightDecay());
                  if (velocities != null) {
                    velocities.get(from, v, 0, n);
                    momentum(g, v, n, op.momentum(), op.nesterov());
                    velocities.put(from, v, 0, n);
                  }
                  descend(p, g, n, rate);
                  parameters.put(from, p, 0, n);
                }
              };
            });
  }

  static Way adam(AdamUpdate op, OpCall call) {
    int length = length(call, 0);
    return Way.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer parameters = inputs.get(0).floats();
              FloatBuffer means = inputs.get(1).floats();
              FloatBuffer squares = inputs.get(2).floats();
              Gradients gradients = new Gradients(op, inputs);
              UpdateScalars scalars = new UpdateScalars(op, call, inputs);
              float[] p = new float[TILE];
              float[] m = new float[TILE];
              float[] v = new float[TILE];
              return () -> {
                float rate = scalars.rate();
                float scale = scalars.scale();
                float step = rate / scalars.biasCorrection1();
                float correction = (float) (1 / Math.sqrt(scalars.biasCorrection2()));
                for (int from = 0; from < length; from += TILE) {
                  int n = Math.min(TILE, length - from);
                  float[] g = gradients.read(from, n);
                  parameters.get(from, p, 0, n);
                  means.get(from, m, 0, n);
                  squares.get(from, v, 0, n);
                  decay(g, p, n, scale, op.decoupled() ? 0 : op.weightDecay());
                  if (op.decoupled()) {
                    scale(p, n, 1 - rate * op.weightDecay());
                  }
                  moments(m, v, g, n, op.beta1(), op.beta2());
                  adaptiveDescend(p, m, v, n, step, correction, op.epsilon());
                  parameters.put(from, p, 0, n);
                  means.put(from, m, 0, n);
                  squares.put(from, v, 0, n);
                }
              };
            });
  }

  static Way rmsProp(RmsPropUpdate op, OpCall call) {
    int length = length(call, 0);
    return Way.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer parameters = inputs.get(0).floats();
              FloatBuffer squares = inputs.get(1).floats();
              FloatBuffer velocities = op.states() == 2 ? inputs.get(2).floats() : null;
              Gradients gradients = new Gradients(op, inputs);
              UpdateScalars scalars = new UpdateScalars(op, call, inputs);
              float[] p = new float[TILE];
              float[] s = new float[TILE];
              float[] v = new float[TILE];
              return () -> {
                float rate = scalars.rate();
                float scale = scalars.scale();
                for (int from = 0; from < length; from += TILE) {
                  int n = Math.min(TILE, length - from);
                  float[] g = gradients.read(from, n);
                  parameters.get(from, p, 0, n);
                  squares.get(from, s, 0, n);
                  decay(g, p, n, scale, op.weightDecay());
                  average(s, g, n, op.alpha());
                  normalize(g, s, n, op.epsilon());
                  if (velocities != null) {
                    velocities.get(from, v, 0, n);
                    momentum(g, v, n, op.momentum(), false);
                    velocities.put(from, v, 0, n);
                  }
                  descend(p, g, n, rate);
                  parameters.put(from, p, 0, n);
                  squares.put(from, s, 0, n);
                }
              };
            });
  }

  static Way adagrad(AdagradUpdate op, OpCall call) {
    int length = length(call, 0);
    return Way.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer parameters = inputs.get(0).floats();
              FloatBuffer sums = inputs.get(1).floats();
              Gradients gradients = new Gradients(op, inputs);
              UpdateScalars scalars = new UpdateScalars(op, call, inputs);
              float[] p = new float[TILE];
              float[] s = new float[TILE];
              return () -> {
                float rate = scalars.rate();
                float scale = scalars.scale();
                for (int from = 0; from < length; from += TILE) {
                  int n = Math.min(TILE, length - from);
                  float[] g = gradients.read(from, n);
                  parameters.get(from, p, 0, n);
                  sums.get(from, s, 0, n);
                  decay(g, p, n, scale, op.weightDecay());
                  addSquares(s, g, n);
                  normalize(g, s, n, op.epsilon());
                  descend(p, g, n, rate);
                  parameters.put(from, p, 0, n);
                  sums.put(from, s, 0, n);
                }
              };
            });
  }

  /** The gradients of all lanes, tile by tile. */
  private static final class Gradients {
    private final FloatBuffer[] lanes;
    private final float[] sum = new float[TILE];
    private final float[] part = new float[TILE];

    Gradients(OptimizerOp op, List<CpuBuffer> inputs) {
      lanes = floats(inputs, op.firstGradient());
    }

    float[] read(int from, int n) {
      UpdateLoops.read(lanes, from, n, sum, part);
      return sum;
    }
  }

  static FloatBuffer[] floats(List<CpuBuffer> buffers, int first) {
    return buffers.stream().skip(first).map(CpuBuffer::floats).toArray(FloatBuffer[]::new);
  }

  private static int length(OpCall call, int input) {
    return Math.toIntExact(call.inputs().get(input).elements());
  }

  private static void read(FloatBuffer[] lanes, int from, int n, float[] sum, float[] part) {
    lanes[0].get(from, sum, 0, n);
    for (int lane = 1; lane < lanes.length; lane++) {
      lanes[lane].get(from, part, 0, n);
      add(sum, part, n);
    }
  }

  private static void add(float[] sum, float[] part, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] += part[i];
    }
  }

  private static void scale(float[] values, int n, float factor) {
    for (int i = 0; i < n; i++) {
      values[i] *= factor;
    }
  }

  private static void decay(float[] g, float[] p, int n, float scale, float decay) {
    for (int i = 0; i < n; i++) {
      g[i] = g[i] * scale + p[i] * decay;
    }
  }

  private static void momentum(float[] g, float[] v, int n, float momentum, boolean nesterov) {
    for (int i = 0; i < n; i++) {
      v[i] = v[i] * momentum + g[i];
    }
    if (nesterov) {
      for (int i = 0; i < n; i++) {
        g[i] += v[i] * momentum;
      }
    } else {
      System.arraycopy(v, 0, g, 0, n);
    }
  }

  private static void descend(float[] p, float[] g, int n, float rate) {
    for (int i = 0; i < n; i++) {
      p[i] -= g[i] * rate;
    }
  }

  private static void moments(float[] m, float[] v, float[] g, int n, float beta1, float beta2) {
    float rest1 = 1 - beta1;
    float rest2 = 1 - beta2;
    for (int i = 0; i < n; i++) {
      m[i] = m[i] * beta1 + g[i] * rest1;
      v[i] = v[i] * beta2 + g[i] * g[i] * rest2;
    }
  }

  private static void adaptiveDescend(
      float[] p, float[] m, float[] v, int n, float step, float correction, float epsilon) {
    for (int i = 0; i < n; i++) {
      p[i] -= step * m[i] / ((float) Math.sqrt(v[i]) * correction + epsilon);
    }
  }

  private static void average(float[] s, float[] g, int n, float alpha) {
    float rest = 1 - alpha;
    for (int i = 0; i < n; i++) {
      s[i] = s[i] * alpha + g[i] * g[i] * rest;
    }
  }

  private static void addSquares(float[] s, float[] g, int n) {
    for (int i = 0; i < n; i++) {
      s[i] += g[i] * g[i];
    }
  }

  private static void normalize(float[] g, float[] s, int n, float epsilon) {
    for (int i = 0; i < n; i++) {
      g[i] /= (float) Math.sqrt(s[i]) + epsilon;
    }
  }

  /** Four sums side by side: one alone would wait for each addition. */
  private static double squares(float[] values, int n) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 3 < n; i += 4) {
      a += (double) values[i] * values[i];
      b += (double) values[i + 1] * values[i + 1];
      c += (double) values[i + 2] * values[i + 2];
      d += (double) values[i + 3] * values[i + 3];
    }
    for (; i < n; i++) {
      a += (double) values[i] * values[i];
    }
    return (a + b) + (c + d);
  }
}
