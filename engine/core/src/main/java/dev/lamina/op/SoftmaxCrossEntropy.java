package dev.lamina.op;

import dev.lamina.tensor.DataType;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Loss, count of right answers and the logits' gradient in one pass.
 *
 * <p>Inputs: {@code logits [n, classes]}, {@code labels i32[n]}. Outputs: {@code cell f32[2]} = the
 * rows' losses {@code log(sum(exp(x))) - x[label]} summed, and the number of rows whose largest
 * logit (the first of equals) is the label's; with {@code meanOver > 0} also {@code dlogits =
 * (softmax(logits) - onehot(labels)) / meanOver}.
 *
 * @param meanOver rows of the whole batch, over all lanes that share it; 0 leaves the gradient out
 */
public record SoftmaxCrossEntropy(int meanOver) implements Op {
  /** Position of the summed loss in the cell. */
  public static final int LOSS = 0;

  /** Position of the count of right answers in the cell. */
  public static final int CORRECT = 1;

  /** Values in a cell. */
  public static final int CELL = 2;

  /** Checks the values. */
  public SoftmaxCrossEntropy {
    checkMean("softmax_cross_entropy", meanOver);
  }

  static void checkMean(String op, int meanOver) {
    if (meanOver < 0) {
      throw new ShapeException(op + ": meanOver must not be negative: " + meanOver);
    }
  }

  @Override
  public String name() {
    return "softmax_cross_entropy";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    return infer(this, inputs, meanOver);
  }

  /** Checks logits and labels, and returns the specs of cell and, with a mean, gradient. */
  static List<TensorSpec> infer(Op op, List<TensorSpec> inputs, int meanOver) {
    Check.count(op, inputs, 2, 2);
    TensorSpec logits = inputs.get(0);
    Check.f32(op, "logits", logits, 2);
    Check.same(op, "labels", inputs.get(1), TensorSpec.i32(logits.dim(0)));
    List<TensorSpec> outputs = new ArrayList<>(List.of(TensorSpec.f32(CELL)));
    if (meanOver > 0) {
      outputs.add(new TensorSpec(DataType.F32, logits.shape()));
    }
    return outputs;
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(6 * inputs.get(0).elements(), inputs, outputs);
  }
}
