package dev.lamina.op;

import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Locale;

/**
 * A loss that compares each output with a target of 1 for the label's class and 0 for the others,
 * and takes the mean over classes: PyTorch's {@code MSELoss}, {@code L1Loss} and {@code
 * BCEWithLogitsLoss} on the network's outputs as they are.
 *
 * <p>Inputs and outputs are those of {@link SoftmaxCrossEntropy}; a right answer is one whose
 * largest output is the label's.
 *
 * @param meanOver rows of the whole batch, over all lanes that share it; 0 leaves the gradient out
 */
public record TargetLoss(Kind kind, int meanOver) implements Op {
  /** How output {@code x} and target {@code t} are compared. */
  public enum Kind {
    /** {@code (x - t)^2}, gradient {@code 2 * (x - t)}. */
    SQUARED,
    /** {@code |x - t|}, gradient {@code sign(x - t)}. */
    ABSOLUTE,
    /** {@code max(x, 0) - x * t + log(1 + exp(-|x|))}, gradient {@code sigmoid(x) - t}. */
    BINARY
  }

  /** Checks the mean. */
  public TargetLoss {
    SoftmaxCrossEntropy.checkMean("target_loss", meanOver);
  }

  @Override
  public String name() {
    return kind.name().toLowerCase(Locale.ROOT) + "_loss";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    return SoftmaxCrossEntropy.infer(this, inputs, meanOver);
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(6 * inputs.get(0).elements(), inputs, outputs);
  }
}
