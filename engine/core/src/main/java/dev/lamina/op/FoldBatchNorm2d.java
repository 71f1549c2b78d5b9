package dev.lamina.op;

import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Weight and bias of a convolution that does what a convolution and the {@link
 * BatchNorm2dInference} behind it do: with {@code factor = scale / sqrt(runningVariance +
 * epsilon)}, {@code folded weight = weight * factor} by filter and {@code folded bias = shift +
 * (bias - runningMean) * factor}.
 *
 * <p>Inputs: {@code weight [k, …]}, {@code scale [k]}, {@code shift [k]}, {@code runningMean [k]},
 * {@code runningVariance [k]}, optionally {@code bias [k]}, which is 0 otherwise. Outputs: the
 * folded weight of the weight's spec, the folded bias {@code [k]}. Lowering adds it, models do not.
 *
 * @param epsilon of the normalisation
 */
public record FoldBatchNorm2d(float epsilon) implements Op {
  /** Checks the value. */
  public FoldBatchNorm2d {
    BatchNorm2d.checkEpsilon("fold_batch_norm2d", epsilon);
  }

  @Override
  public String name() {
    return "fold_batch_norm2d";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 5, 6);
    TensorSpec weight = inputs.get(0);
    Check.f32(this, "weight", weight);
    if (weight.shape().rank() < 2) {
      throw new ShapeException(name() + ": weight must have a row a filter, but is " + weight);
    }
    TensorSpec perFilter = TensorSpec.f32(weight.dim(0));
    Check.same(this, "scale", inputs.get(1), perFilter);
    Check.same(this, "shift", inputs.get(2), perFilter);
    Check.same(this, "running mean", inputs.get(3), perFilter);
    Check.same(this, "running variance", inputs.get(4), perFilter);
    if (inputs.size() == 6) {
      Check.same(this, "bias", inputs.get(5), perFilter);
    }
    return List.of(weight, perFilter);
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(inputs.get(0).elements(), inputs, outputs);
  }
}
