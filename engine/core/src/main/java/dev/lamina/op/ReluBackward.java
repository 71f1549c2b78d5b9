package dev.lamina.op;

import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Gradient of {@link Relu} from its output: {@code dx = y > 0 ? dy : 0}.
 *
 * <p>Inputs: {@code dy}, {@code y}, of one spec. Output: {@code dx} of that spec.
 */
public record ReluBackward() implements Op {
  @Override
  public String name() {
    return "relu_backward";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 2, 2);
    Check.f32(this, "output gradient", inputs.get(0));
    Check.same(this, "output", inputs.get(1), inputs.get(0));
    return List.of(inputs.get(0));
  }
}
