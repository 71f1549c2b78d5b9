package dev.lamina.op;

import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Gradient of {@link Dropout}: {@code dx = kept * dy / (1 - probability)}.
 *
 * <p>Inputs: {@code dy}; {@code kept u8} of the same shape, 0 or 1. Output: {@code dx} of dy's
 * spec.
 *
 * @param probability of leaving an element out
 */
public record DropoutBackward(float probability) implements Op {
  @Override
  public String name() {
    return "dropout_backward";
  }

  /** Returns the factor on what was kept. */
  public float scale() {
    return 1 / (1 - probability);
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 2, 2);
    TensorSpec dy = inputs.get(0);
    Check.f32(this, "output gradient", dy);
    Check.same(this, "kept", inputs.get(1), new TensorSpec(DataType.U8, dy.shape()));
    return List.of(dy);
  }
}
