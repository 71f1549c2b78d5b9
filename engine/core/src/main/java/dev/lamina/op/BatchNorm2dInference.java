package dev.lamina.op;

import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Batch normalisation by running statistics, as outside training: {@code y = (x - runningMean) /
 * sqrt(runningVariance + epsilon) * scale + shift}.
 *
 * <p>Inputs: those of {@link BatchNorm2d}. Output: {@code y} of x's spec.
 *
 * @param epsilon added to the variance; positive
 */
public record BatchNorm2dInference(float epsilon) implements Op {
  /** Checks the value. */
  public BatchNorm2dInference {
    BatchNorm2d.checkEpsilon("batch_norm2d_inference", epsilon);
  }

  @Override
  public String name() {
    return "batch_norm2d_inference";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    return List.of(BatchNorm2d.checkInputs(this, inputs));
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(2 * inputs.get(0).elements(), inputs, outputs);
  }
}
