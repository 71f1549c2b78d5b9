package dev.lamina.cpu;

import dev.lamina.device.OpCall;
import dev.lamina.op.GatherLabels;
import dev.lamina.op.GatherSamples;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.List;

/** What feeds a step and ends it, in Java. */
final class StepLoops {
  private static final int LEVELS = 256;

  private StepLoops() {}

  static CpuWay gatherSamples(GatherSamples op, OpCall call) {
    TensorSpec source = call.inputs().get(0);
    boolean bytes = source.type() == DataType.U8;
    long words = call.inputs().get(1).dim(1);
    return CpuWay.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              StepCell cell = StepCell.of(inputs, 1, words);
              FloatBuffer out = outputs.get(0).floats();
              SourceRows rows = new SourceRows(inputs.get(0), source.bytes() / source.dim(0));
              return bytes
                  ? gatherBytes(op, source, rows, cell, out)
                  : gatherFloats(op, source, rows, cell, out);
            });
  }

  private static Runnable gatherBytes(
      GatherSamples op, TensorSpec source, SourceRows rows, StepCell cell, FloatBuffer out) {
    int channels = source.shape().size(1);
    int plane = source.shape().size(2) * source.shape().size(3);
    float[][] levels = levels(op.scale(), op.mean(), op.deviation());
    byte[] pixels = new byte[plane];
    float[] values = new float[plane];
    return () -> {
      int to = 0;
      for (int r = 0; r < op.rows(); r++) {
        int row = cell.index(op.firstRow() + r);
        ByteBuffer view = rows.view(row);
        int from = rows.offset(row);
        for (int c = 0; c < channels; c++, from += plane, to += plane) {
          view.get(from, pixels);
          lookUp(pixels, levels[c], values);
          out.put(to, values);
        }
      }
    };
  }

  /** A byte has 256 values, so normalising is a look-up: these are its tables, by channel. */
  static float[][] levels(float scale, List<Float> mean, List<Float> deviation) {
    float[][] levels = new float[mean.size()][LEVELS];
    for (int c = 0; c < levels.length; c++) {
      for (int level = 0; level < LEVELS; level++) {
        levels[c][level] = (level * scale - mean.get(c)) / deviation.get(c);
      }
    }
    return levels;
  }

  static void lookUp(byte[] pixels, float[] levels, float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = levels[pixels[i] & 0xff];
    }
  }

  private static Runnable gatherFloats(
      GatherSamples op, TensorSpec source, SourceRows rows, StepCell cell, FloatBuffer out) {
    int channels = source.shape().size(1);
    int plane = source.shape().size(2) * source.shape().size(3);
    float[] values = new float[plane];
    return () -> {
      int to = 0;
      for (int r = 0; r < op.rows(); r++) {
        int row = cell.index(op.firstRow() + r);
        FloatBuffer view = rows.floats(row);
        int from = rows.offset(row) / Float.BYTES;
        for (int c = 0; c < channels; c++, from += plane, to += plane) {
          view.get(from, values);
          normalize(values, op.scale(), op.mean().get(c), op.deviation().get(c));
          out.put(to, values);
        }
      }
    };
  }

  private static void normalize(float[] values, float scale, float mean, float deviation) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (values[i] * scale - mean) / deviation;
    }
  }

  static CpuWay gatherLabels(GatherLabels op, OpCall call) {
    long words = call.inputs().get(1).dim(1);
    return CpuWay.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              IntBuffer labels = inputs.get(0).ints();
              StepCell cell = StepCell.of(inputs, 1, words);
              IntBuffer out = outputs.get(0).ints();
              return () -> {
                for (int r = 0; r < op.rows(); r++) {
                  out.put(r, labels.get(cell.index(op.firstRow() + r)));
                }
              };
            });
  }

  static CpuWay endStep(OpCall call) {
    int slots = call.inputs().get(0).shape().size(0);
    return CpuWay.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer ring = inputs.get(0).floats();
              IntBuffer cursor = inputs.get(1).ints();
              FloatBuffer[] cells = UpdateLoops.floats(inputs, 2);
              return () -> endStep(ring, cursor, cells, slots);
            });
  }

  private static void endStep(FloatBuffer ring, IntBuffer cursor, FloatBuffer[] cells, int slots) {
    int slot = cursor.get(0);
    for (int i = 0; i < SoftmaxCrossEntropy.CELL; i++) {
      int at = slot * SoftmaxCrossEntropy.CELL + i;
      float sum = cells[0].get(i);
      for (int lane = 1; lane < cells.length; lane++) {
        sum += cells[lane].get(i);
      }
      ring.put(at, sum);
    }
    cursor.put(0, (slot + 1) % slots);
  }
}
