package dev.lamina.cpu;

import dev.lamina.device.OpCall;
import dev.lamina.op.SoftmaxCrossEntropy;
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
