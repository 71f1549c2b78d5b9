package dev.lamina.op;

import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Gradient of {@link Linear} with respect to its weight and, with {@code bias}, its bias.
 *
 * <p>Inputs: {@code x [n, …]}, {@code dy [n, m]}. Outputs: {@code dweight [m, k]}, {@code dbias
 * [m]}.
 */
public record LinearBackwardWeights(boolean bias) implements Op {
  @Override
  public String name() {
    return "linear_backward_weights";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 2, 2);
    TensorSpec x = inputs.get(0);
    TensorSpec dy = inputs.get(1);
    long features = Linear.features(this, x);
    Check.rank(this, "output gradient", dy, 2);
    Check.same(this, "output gradient", dy, TensorSpec.f32(x.dim(0), dy.dim(1)));
    TensorSpec weight = TensorSpec.f32(dy.dim(1), features);
    return bias ? List.of(weight, TensorSpec.f32(dy.dim(1))) : List.of(weight);
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(2 * inputs.get(0).elements() * inputs.get(1).dim(1), inputs, outputs);
  }
}
