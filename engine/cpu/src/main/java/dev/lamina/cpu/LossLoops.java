package dev.lamina.cpu;

import dev.lamina.device.OpCall;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.op.TargetLoss;
import dev.lamina.op.WeightedCrossEntropy;
import dev.lamina.tensor.TensorSpec;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/** Class probabilities and the loss on them, in Java: exponentials in double precision. */
final class LossLoops {
  private LossLoops() {}

  static Way softmax(OpCall call) {
    TensorSpec logits = call.inputs().get(0);
    return Way.canonical(
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

  static Way crossEntropy(SoftmaxCrossEntropy op, OpCall call) {
    TensorSpec logits = call.inputs().get(0);
    return Way.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer in = inputs.get(0).floats();
              IntBuffer labels = inputs.get(1).ints();
              FloatBuffer cell = outputs.get(0).floats();
              FloatBuffer gradient = op.meanOver() > 0 ? outputs.get(1).floats() : null;
              Row row = new Row(logits);
              return () -> crossEntropy(row, in, labels, cell, gradient, op.meanOver());
            });
  }

  private static void crossEntropy(
      Row row,
      FloatBuffer logits,
      IntBuffer labels,
      FloatBuffer cell,
      FloatBuffer gradient,
      int meanOver) {
    double loss = 0;
    int correct = 0;
    for (int r = 0; r < row.count; r++) {
      row.read(logits, r);
      int label = labels.get(r);
      loss += row.largest + Math.log(row.sum) - row.values[label];
      correct += row.winner == label ? 1 : 0;
      if (gradient != null) {
        double scale = 1 / (row.sum * meanOver);
        for (int c = 0; c < row.values.length; c++) {
          row.values[c] = (float) (row.exponentials[c] * scale);
        }
        row.values[label] = (float) ((row.exponentials[label] - row.sum) * scale);
        row.write(gradient, r);
      }
    }
    cell.put(SoftmaxCrossEntropy.LOSS, (float) loss);
    cell.put(SoftmaxCrossEntropy.CORRECT, correct);
  }

  static Way weightedCrossEntropy(WeightedCrossEntropy op, OpCall call) {
    TensorSpec logits = call.inputs().get(0);
    return Way.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer in = inputs.get(0).floats();
              IntBuffer labels = inputs.get(1).ints();
              FloatBuffer cell = outputs.get(0).floats();
              FloatBuffer gradient = op.meanOver() > 0 ? outputs.get(1).floats() : null;
              Row row = new Row(logits);
              double[] target = new double[row.values.length];
              return () -> weightedCrossEntropy(op, row, target, in, labels, cell, gradient);
            });
  }

  private static void weightedCrossEntropy(
      WeightedCrossEntropy op,
      Row row,
      double[] target,
      FloatBuffer logits,
      IntBuffer labels,
      FloatBuffer cell,
      FloatBuffer gradient) {
    double loss = 0;
    int correct = 0;
    double even = (double) op.smoothing() / target.length;
    for (int r = 0; r < row.count; r++) {
      row.read(logits, r);
      int label = labels.get(r);
      correct += row.winner == label ? 1 : 0;
      double log = row.largest + Math.log(row.sum);
      double total = 0;
      for (int c = 0; c < target.length; c++) {
        target[c] = op.weight(c) * (c == label ? even + 1 - op.smoothing() : even);
        total += target[c];
        loss += target[c] * (log - row.values[c]);
      }
      if (gradient != null) {
        for (int c = 0; c < target.length; c++) {
          double probability = row.exponentials[c] / row.sum;
          row.values[c] = (float) ((total * probability - target[c]) / op.meanOver());
        }
        row.write(gradient, r);
      }
    }
    cell.put(SoftmaxCrossEntropy.LOSS, (float) loss);
    cell.put(SoftmaxCrossEntropy.CORRECT, correct);
  }

  static Way targetLoss(TargetLoss op, OpCall call) {
    TensorSpec logits = call.inputs().get(0);
    return Way.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer in = inputs.get(0).floats();
              IntBuffer labels = inputs.get(1).ints();
              FloatBuffer cell = outputs.get(0).floats();
              FloatBuffer gradient = op.meanOver() > 0 ? outputs.get(1).floats() : null;
              Row row = new Row(logits);
              return () -> targetLoss(op, row, in, labels, cell, gradient);
            });
  }

  private static void targetLoss(
      TargetLoss op,
      Row row,
      FloatBuffer logits,
      IntBuffer labels,
      FloatBuffer cell,
      FloatBuffer gradient) {
    int classes = row.values.length;
    double loss = 0;
    int correct = 0;
    for (int r = 0; r < row.count; r++) {
      row.read(logits, r);
      int label = labels.get(r);
      correct += row.winner == label ? 1 : 0;
      for (int c = 0; c < classes; c++) {
        double x = row.values[c];
        double t = c == label ? 1 : 0;
        loss += distance(op.kind(), x, t) / classes;
        row.values[c] = (float) (slope(op.kind(), x, t) / classes / op.meanOver());
      }
      if (gradient != null) {
        row.write(gradient, r);
      }
    }
    cell.put(SoftmaxCrossEntropy.LOSS, (float) loss);
    cell.put(SoftmaxCrossEntropy.CORRECT, correct);
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
