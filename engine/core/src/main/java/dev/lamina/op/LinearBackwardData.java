package dev.lamina.op;

import dev.lamina.tensor.DataType;
import dev.lamina.tensor.Shape;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Gradient of {@link Linear} with respect to its input.
 *
 * <p>Inputs: {@code dy [n, m]}, {@code weight [m, k]}. Output: {@code dx} of shape {@code input},
 * which flattens to {@code [n, k]}.
 */
public record LinearBackwardData(Shape input) implements Op {
  @Override
  public String name() {
    return "linear_backward_data";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 2, 2);
    TensorSpec dx = new TensorSpec(DataType.F32, input);
    long features = Linear.features(this, dx);
    long rows = input.dim(0);
    TensorSpec weight = inputs.get(1);
    Check.rank(this, "weight", weight, 2);
    Check.same(this, "output gradient", inputs.get(0), TensorSpec.f32(rows, weight.dim(0)));
    Check.same(this, "weight", weight, TensorSpec.f32(weight.dim(0), features));
    return List.of(dx);
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(2 * outputs.get(0).elements() * inputs.get(1).dim(0), inputs, outputs);
  }
}
