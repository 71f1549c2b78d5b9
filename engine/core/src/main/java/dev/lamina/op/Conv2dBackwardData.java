package dev.lamina.op;

import dev.lamina.tensor.DataType;
import dev.lamina.tensor.Shape;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Gradient of {@link Conv2d} with respect to its input (a transposed convolution).
 *
 * <p>Inputs: {@code dy [n, k, oh, ow]}, {@code weight [k, c/groups, kh, kw]}. Output: {@code dx} of
 * shape {@code input}.
 */
public record Conv2dBackwardData(Window window, int groups, Shape input) implements Op {
  /** Checks the values. */
  public Conv2dBackwardData {
    Conv2d.checkGroups("conv2d_backward_data", groups);
  }

  @Override
  public String name() {
    return "conv2d_backward_data";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 2, 2);
    TensorSpec dy = inputs.get(0);
    TensorSpec weight = inputs.get(1);
    Check.f32(this, "weight", weight, 4);
    Shape expected = window.slide(name(), input, weight.dim(0));
    Conv2d.checkWeight(this, window, groups, input, weight);
    Check.same(this, "output gradient", dy, new TensorSpec(DataType.F32, expected));
    return List.of(new TensorSpec(DataType.F32, input));
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(Conv2d.flops(inputs.get(1), inputs.get(0)), inputs, outputs);
  }
}
