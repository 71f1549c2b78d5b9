package dev.lamina.cpu;

import dev.lamina.device.OpCall;
import dev.lamina.op.L1Penalty;
import dev.lamina.op.StepTable;
import java.nio.FloatBuffer;

/** What a step does with parameters beside updating them, in Java, on tiles in the first cache. */
final class WeightLoops {
  private static final int TILE = 2048;

  /** Brings the least positive number above 1 when multiplied twice. */
  private static final float HUGE = 1e30f;

  private WeightLoops() {}

  static CpuWay l1Penalty(L1Penalty op, OpCall call) {
    int length = Math.toIntExact(call.inputs().get(0).elements());
    long words = call.inputs().get(2).dim(1);
    return CpuWay.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer gradients = inputs.get(0).floats();
              FloatBuffer parameters = inputs.get(1).floats();
              StepCell cell = StepCell.of(inputs, 2, words);
              float[] g = new float[TILE];
              float[] p = new float[TILE];
              return () -> {
                float factor = op.factor() / cell.real(StepTable.GRADIENT_SCALE);
                for (int from = 0; from < length; from += TILE) {
                  int n = Math.min(TILE, length - from);
                  gradients.get(from, g, 0, n);
                  parameters.get(from, p, 0, n);
                  addSigns(g, p, n, factor);
                  gradients.put(from, g, 0, n);
                }
              };
            });
  }

  /** Signs as clipped huge multiples, which the JVM vectorises; it does not vectorise signum. */
  private static void addSigns(float[] g, float[] p, int n, float factor) {
    for (int i = 0; i < n; i++) {
      float huge = p[i] * HUGE * HUGE;
      g[i] += factor * Math.max(-1f, Math.min(1f, huge));
    }
  }

  static CpuWay movingAverage(OpCall call) {
    int length = Math.toIntExact(call.inputs().get(0).elements());
    long words = call.inputs().get(2).dim(1);
    return CpuWay.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer averages = inputs.get(0).floats();
              FloatBuffer parameters = inputs.get(1).floats();
              StepCell cell = StepCell.of(inputs, 2, words);
              float[] a = new float[TILE];
              float[] p = new float[TILE];
              return () -> {
                float newest = 1 - cell.real(StepTable.AVERAGE_DECAY);
                boolean copies = newest == 1;
                for (int from = 0; from < length; from += TILE) {
                  int n = Math.min(TILE, length - from);
                  parameters.get(from, p, 0, n);
                  if (copies) {
                    averages.put(from, p, 0, n);
                    continue;
                  }
                  averages.get(from, a, 0, n);
                  for (int i = 0; i < n; i++) {
                    a[i] += newest * (p[i] - a[i]);
                  }
                  averages.put(from, a, 0, n);
                }
              };
            });
  }
}
