package dev.lamina.cpu;

import dev.lamina.device.OpCall;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.op.TargetLoss;
import dev.lamina.op.WeightedCrossEntropy;
import dev.lamina.tensor.TensorSpec;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.function.Supplier;

/** Class probabilities and the loss on them, in Java: exponentials in double precision. */
final class LossLoops {
  private LossLoops() {}

  static CpuWay softmax(OpCall call) {
    TensorSpec logits = call.inputs().get(0);
    return CpuWay.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              Row row = new Row(logits);
              FloatBuffer in = inputs.get(0).floats();
              FloatBuffer out = outputs.get(0).floats();
              return () -> {
                for (int r = 0; r < row.count; r++) {
                  row.read(in, r);
                  double scale = 1 / row.sum;
                  for (int c = 0; c < row.values.length; c++) {
                    row.values[c] = (float) (row.exponentials[c] * scale);
                  }
                  row.write(out, r);
                }
              };
            });
  }

  /** What a loss makes of one row. */
  private interface RowLoss {
    /**
     * Returns the row's loss and puts its gradient in the place of the logits, where there is one.
     */
    double take(Row row, int label);
  }

  static CpuWay crossEntropy(SoftmaxCrossEntropy op, OpCall call) {
    return way(
        call,
        () ->
            (row, label) -> {
              double loss = row.largest + Math.log(row.sum) - row.values[label];
              if (op.meanOver() > 0) {
                double scale = 1 / (row.sum * op.meanOver());
                for (int c = 0; c < row.values.length; c++) {
                  row.values[c] = (float) (row.exponentials[c] * scale);
                }
                row.values[label] = (float) ((row.exponentials[label] - row.sum) * scale);
              }
              return loss;
            });
  }

  static CpuWay weightedCrossEntropy(WeightedCrossEntropy op, OpCall call) {
    return way(call, () -> weighted(op, call.inputs().get(0).shape().size(1)));
  }

  private static RowLoss weighted(WeightedCrossEntropy op, int classes) {
    double[] target = new double[classes];
    double even = (double) op.smoothing() / classes;
    return (row, label) -> {
      double log = row.largest + Math.log(row.sum);
      double loss = 0;
      double total = 0;
      for (int c = 0; c < target.length; c++) {
        target[c] = op.weight(c) * (c == label ? even + 1 - op.smoothing() : even);
        total += target[c];
        loss += target[c] * (log - row.values[c]);
      }
      for (int c = 0; c < target.length && op.meanOver() > 0; c++) {
        double probability = row.exponentials[c] / row.sum;
        row.values[c] = (float) ((total * probability - target[c]) / op.meanOver());
      }
      return loss;
    };
  }

  static CpuWay targetLoss(TargetLoss op, OpCall call) {
    return way(
        call,
        () ->
            (row, label) -> {
              int classes = row.values.length;
              double loss = 0;
              for (int c = 0; c < classes; c++) {
                double x = row.values[c];
                double t = c == label ? 1 : 0;
                loss += distance(op.kind(), x, t) / classes;
                row.values[c] = (float) (slope(op.kind(), x, t) / classes / op.meanOver());
              }
              return loss;
            });
  }

  /** Every loss reads logits and labels, and writes a cell and, in training, the gradient. */
  private static CpuWay way(OpCall call, Supplier<RowLoss> made) {
    return CpuWay.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer logits = inputs.get(0).floats();
              IntBuffer labels = inputs.get(1).ints();
              FloatBuffer cell = outputs.get(0).floats();
              FloatBuffer gradient = outputs.size() > 1 ? outputs.get(1).floats() : null;
              Row row = new Row(call.inputs().get(0));
              RowLoss rowLoss = made.get();
              return () -> {
                double loss = 0;
                int correct = 0;
                for (int r = 0; r < row.count; r++) {
                  row.read(logits, r);
                  int label = labels.get(r);
                  correct += row.winner == label ? 1 : 0;
                  loss += rowLoss.take(row, label);
                  if (gradient != null) {
                    row.write(gradient, r);
                  }
                }
                cell.put(SoftmaxCrossEntropy.LOSS, (float) loss);
                cell.put(SoftmaxCrossEntropy.CORRECT, correct);
              };
            });
  }

  private static double distance(TargetLoss.Kind kind, double x, double t) {
    return switch (kind) {
      case SQUARED -> (x - t) * (x - t);
      case ABSOLUTE -> Math.abs(x - t);
      case BINARY -> Math.max(x, 0) - x * t + Math.log1p(Math.exp(-Math.abs(x)));
    };
  }

  private static double slope(TargetLoss.Kind kind, double x, double t) {
    return switch (kind) {
      case SQUARED -> 2 * (x - t);
      case ABSOLUTE -> Math.signum(x - t);
      case BINARY -> 1 / (1 + Math.exp(-x)) - t;
    };
  }

  /** One row of logits, and its exponentials less the largest, so that none overflows. */
  private static final class Row {
    private final int count;
    private final float[] values;
    private final double[] exponentials;
    private double largest;
    private double sum;
    private int winner;

    Row(TensorSpec logits) {
      count = logits.shape().size(0);
      values = new float[logits.shape().size(1)];
      exponentials = new double[values.length];
    }

    void read(FloatBuffer logits, int row) {
      logits.get(row * values.length, values);
      winner = 0;
      for (int c = 1; c < values.length; c++) {
        winner = values[c] > values[winner] ? c : winner;
      }
      largest = values[winner];
      sum = 0;
      for (int c = 0; c < values.length; c++) {
        exponentials[c] = Math.exp(values[c] - largest);
        sum += exponentials[c];
      }
    }

    void write(FloatBuffer out, int row) {
      out.put(row * values.length, values);
    }
  }
}
