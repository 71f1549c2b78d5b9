package dev.lamina.op;

import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Gradient of {@link BatchNorm2d}. With {@code m} values a channel and {@code z = (x - mean) /
 * sqrt(variance + epsilon)}: {@code dshift = sum(dy)}, {@code dscale = sum(dy * z)}, {@code dx =
 * scale / sqrt(variance + epsilon) * (dy - dshift / m - z * dscale / m)}.
 *
 * <p>Inputs: {@code dy [n, c, h, w]}, {@code x} of that spec, {@code scale [c]}, {@code saved} as
 * the forward pass left it. Outputs: {@code dx}, {@code dscale [c]}, {@code dshift [c]}.
 *
 * @param epsilon as in the forward pass
 */
public record BatchNorm2dBackward(float epsilon) implements Op {
  /** Checks the value. */
  public BatchNorm2dBackward {
    BatchNorm2d.checkEpsilon("batch_norm2d_backward", epsilon);
  }

  @Override
  public String name() {
    return "batch_norm2d_backward";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 4, 4);
    TensorSpec x = inputs.get(1);
    Check.f32(this, "input", x, 4);
    Check.same(this, "output gradient", inputs.get(0), x);
    TensorSpec scale = TensorSpec.f32(x.dim(1));
    Check.same(this, "scale", inputs.get(2), scale);
    Check.same(this, "saved statistics", inputs.get(3), BatchNorm2d.saved(x));
    return List.of(x, scale, scale);
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(9 * inputs.get(0).elements(), inputs, outputs);
  }
}
