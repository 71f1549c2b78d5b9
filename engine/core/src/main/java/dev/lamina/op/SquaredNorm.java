package dev.lamina.op;

import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Sum of squares of a flat tensor in a fixed order, so that equal inputs give equal bits.
 *
 * <p>Input: {@code f32[e]}. Output: {@code f32[1]}.
 */
public record SquaredNorm() implements Op {
  @Override
  public String name() {
    return "squared_norm";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 1, 1);
    Check.same(this, "input", inputs.get(0), TensorSpec.f32(inputs.get(0).elements()));
    return List.of(TensorSpec.f32(1));
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(2 * inputs.get(0).elements(), inputs, outputs);
  }
}
