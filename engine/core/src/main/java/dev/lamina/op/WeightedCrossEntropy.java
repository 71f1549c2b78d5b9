package dev.lamina.op;

import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * {@link SoftmaxCrossEntropy} with label smoothing (Szegedy et al., "Rethinking the Inception
 * architecture", 2016) and class weights.
 *
 * <p>Inputs and outputs are those of {@link SoftmaxCrossEntropy}. With {@code q = -log softmax(x)},
 * label {@code l}, weights {@code w} and {@code n} classes, a row's loss is {@code (1 - smoothing)
 * * w[l] * q[l] + smoothing / n * sum(w * q)}, as PyTorch's {@code
 * CrossEntropyLoss(reduction="none")}; the mean is over rows, not over their weights.
 *
 * @param meanOver rows of the whole batch, over all lanes that share it; 0 leaves the gradient out
 * @param smoothing share of the target that all classes get; at least 0 and below 1
 * @param weights one for each class, not negative; none for ones
 */
public record WeightedCrossEntropy(int meanOver, float smoothing, List<Float> weights)
    implements Op {
  /** Copies the list and checks the values. */
  public WeightedCrossEntropy {
    SoftmaxCrossEntropy.checkMean("weighted_cross_entropy", meanOver);
    weights = List.copyOf(weights);
    if (!(smoothing >= 0 && smoothing < 1)) {
      throw new ShapeException(
          "weighted_cross_entropy: smoothing must be at least 0 and below 1, not " + smoothing);
    }
    for (float weight : weights) {
      if (!(weight >= 0 && Float.isFinite(weight))) {
        throw new ShapeException(
            "weighted_cross_entropy: weights must be at least 0 and finite, but are " + weights);
      }
    }
  }

  @Override
  public String name() {
    return "weighted_cross_entropy";
  }

  /** Returns the weight of a class. */
  public float weight(int label) {
    return weights.isEmpty() ? 1 : weights.get(label);
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    List<TensorSpec> outputs = SoftmaxCrossEntropy.infer(this, inputs, meanOver);
    long classes = inputs.get(0).dim(1);
    if (!weights.isEmpty() && weights.size() != classes) {
      throw new ShapeException(
          "weighted_cross_entropy: "
              + weights.size()
              + " class weights are given for "
              + classes
              + " classes");
    }
    return outputs;
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(9 * inputs.get(0).elements(), inputs, outputs);
  }
}
