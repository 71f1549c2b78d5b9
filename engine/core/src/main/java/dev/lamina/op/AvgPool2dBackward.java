package dev.lamina.op;

import dev.lamina.tensor.DataType;
import dev.lamina.tensor.Shape;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Gradient of {@link AvgPool2d}: each output's gradient is shared evenly by its window.
 *
 * <p>Input: {@code dy [n, c, oh, ow]}. Output: {@code dx} of shape {@code input}.
 */
public record AvgPool2dBackward(Window window, boolean countPadding, Shape input) implements Op {
  @Override
  public String name() {
    return "avg_pool2d_backward";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 1, 1);
    TensorSpec dy = new TensorSpec(DataType.F32, window.slide(name(), input, input.dim(1)));
    Check.same(this, "output gradient", inputs.get(0), dy);
    return List.of(new TensorSpec(DataType.F32, input));
  }
}
