package dev.lamina.op;

import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Local response normalisation across channels, in PyTorch's convention: {@code y[c] = x[c] / (k +
 * alpha / size * sum of x[j]^2)^beta}, the sum over the {@code size} channels around {@code c} that
 * there are (Krizhevsky et al., "ImageNet classification with deep convolutional neural networks",
 * 2012, section 3.3; their alpha is not divided).
 *
 * <p>Input: {@code x [n, c, h, w]}. Output: {@code y} of x's spec.
 *
 * @param size channels of a neighbourhood; odd, so that it has a middle
 * @param alpha weight of the mean square; not negative
 * @param beta exponent; above 0
 * @param k what is added, so that nothing divides by 0; above 0
 */
public record LocalResponseNorm(int size, float alpha, float beta, float k) implements Op {
  /** Checks the values. */
  public LocalResponseNorm {
    check("local_response_norm", size, alpha, beta, k);
  }

  /** Makes the normalisation with PyTorch's defaults: alpha 1e-4, beta 0.75, k 1. */
  public LocalResponseNorm(int size) {
    this(size, 1e-4f, 0.75f, 1);
  }

  static void check(String op, int size, float alpha, float beta, float k) {
    if (size < 1 || size % 2 == 0) {
      throw new ShapeException(op + ": size must be odd and at least 1, not " + size);
    }
    if (!(alpha >= 0 && beta > 0 && k > 0 && Float.isFinite(alpha + beta + k))) {
      throw new ShapeException(
          "%s: alpha must be at least 0, beta and k above 0, not %s, %s and %s"
              .formatted(op, alpha, beta, k));
    }
  }

  @Override
  public String name() {
    return "local_response_norm";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 1, 1);
    Check.f32(this, "input", inputs.get(0), 4);
    return inputs;
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of((2L * size + 4) * inputs.get(0).elements(), inputs, outputs);
  }

  @Override
  public void gradient(GradientEmitter emitter) {
    if (emitter.wants(0)) {
      Op backward = new LocalResponseNormBackward(size, alpha, beta, k);
      Operand dy = emitter.outputGradient(0);
      emitter.gradient(0, emitter.emit("backward", backward, dy, emitter.input(0))[0]);
    }
  }
}
