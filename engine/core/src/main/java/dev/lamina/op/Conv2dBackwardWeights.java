package dev.lamina.op;

import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Gradient of {@link Conv2d} with respect to its weight and, with {@code bias}, its bias.
 *
 * <p>Inputs: {@code x [n, c, h, w]}, {@code dy [n, k, oh, ow]}. Outputs: {@code dweight [k,
 * c/groups, kh, kw]}, {@code dbias [k]}.
 */
public record Conv2dBackwardWeights(Window window, int groups, boolean bias) implements Op {
  /** Checks the values. */
  public Conv2dBackwardWeights {
    Conv2d.checkGroups("conv2d_backward_weights", groups);
  }

  @Override
  public String name() {
    return "conv2d_backward_weights";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 2, 2);
    TensorSpec x = inputs.get(0);
    TensorSpec dy = inputs.get(1);
    Check.f32(this, "input", x, 4);
    Check.f32(this, "output gradient", dy, 4);
    long filters = dy.dim(1);
    if (!dy.shape().equals(window.slide(name(), x.shape(), filters))) {
      throw new ShapeException(
          name() + ": output gradient " + dy + " does not fit input " + x + ", window " + window);
    }
    long channels = Math.max(1, x.dim(1) / groups);
    TensorSpec weight = TensorSpec.f32(filters, channels, window.height(), window.width());
    Conv2d.checkWeight(this, window, groups, x.shape(), weight);
    return bias ? List.of(weight, TensorSpec.f32(filters)) : List.of(weight);
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(Conv2d.flops(outputs.get(0), inputs.get(1)), inputs, outputs);
  }
}
