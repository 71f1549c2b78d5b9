package dev.lamina.cpu;

import dev.lamina.device.OpCall;
import dev.lamina.op.ClipFactor;
import dev.lamina.op.StepTable;
import dev.lamina.op.SumGradients;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * What happens to gradients between the backward pass and the optimizer, in Java.
 *
 * <p>Loops run on array tiles that stay in the first cache: the JVM vectorises those, and does not
 * vectorise loops over native memory.
 */
final class UpdateLoops {
  static final int TILE = 2048;

  private UpdateLoops() {}

  static CpuWay sum(SumGradients op, OpCall call) {
    int length = length(call, 0);
    long words = call.inputs().get(1).dim(1);
    return CpuWay.canonical(
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

  static CpuWay squaredNorm(OpCall call) {
    int length = length(call, 0);
    return CpuWay.canonical(
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

  static CpuWay clipFactor(ClipFactor op, OpCall call) {
    long words = call.inputs().get(0).dim(1);
    return CpuWay.canonical(
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

  static FloatBuffer[] floats(List<CpuBuffer> buffers, int first) {
    return buffers.stream().skip(first).map(CpuBuffer::floats).toArray(FloatBuffer[]::new);
  }

  static int length(OpCall call, int input) {
    return Math.toIntExact(call.inputs().get(input).elements());
  }

  /** Sums a tile of all lanes. */
  static void read(FloatBuffer[] lanes, int from, int n, float[] sum, float[] part) {
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
