package dev.lamina.op;

import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Gradient of {@link LocalResponseNorm}. With {@code s[c]} what is raised to {@code beta} there:
 * {@code dx[c] = dy[c] / s[c]^beta - 2 * alpha * beta / size * x[c] * sum of dy[j] * x[j] /
 * s[j]^(beta + 1)}, the sum over the same neighbourhood.
 *
 * <p>Inputs: {@code dy [n, c, h, w]}, {@code x [n, c, h, w]}. Output: {@code dx} of that spec.
 */
public record LocalResponseNormBackward(int size, float alpha, float beta, float k) implements Op {
  /** Checks the values. */
  public LocalResponseNormBackward {
    LocalResponseNorm.check("local_response_norm_backward", size, alpha, beta, k);
  }

  @Override
  public String name() {
    return "local_response_norm_backward";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 2, 2);
    Check.f32(this, "output gradient", inputs.get(0), 4);
    Check.same(this, "input", inputs.get(1), inputs.get(0));
    return List.of(inputs.get(0));
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of((4L * size + 10) * inputs.get(0).elements(), inputs, outputs);
  }
}
