package dev.lamina.op;

import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Locale;

/**
 * Gradient of {@link Activation} from its output: {@code dx = dy * f'}, where {@code f'} is {@code
 * y > 0 ? 1 : alpha} (leaky rectifier), {@code y > 0 ? 1 : y + alpha} (ELU), {@code y * (1 - y)}
 * (sigmoid) or {@code 1 - y * y} (hyperbolic tangent).
 *
 * <p>Inputs: {@code dy}, {@code y}, of one spec. Output: {@code dx} of that spec.
 *
 * @param alpha as in the activation
 */
public record ActivationBackward(Activation.Kind kind, float alpha) implements Op {
  @Override
  public String name() {
    return kind.name().toLowerCase(Locale.ROOT) + "_backward";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 2, 2);
    Check.f32(this, "output gradient", inputs.get(0));
    Check.same(this, "output", inputs.get(1), inputs.get(0));
    return List.of(inputs.get(0));
  }
}
