package dev.lamina.op;

import dev.lamina.tensor.DataType;
import dev.lamina.tensor.Shape;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Gradient of {@link MaxPool2d}: each output's gradient goes to the position that won.
 *
 * <p>Inputs: {@code dy [n, c, oh, ow]}, {@code where} as the forward pass left it. Output: {@code
 * dx} of shape {@code input}.
 */
public record MaxPool2dBackward(Window window, Shape input) implements Op {
  @Override
  public String name() {
    return "max_pool2d_backward";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 2, 2);
    TensorSpec dy = new TensorSpec(DataType.F32, window.slide(name(), input, input.dim(1)));
    Check.same(this, "output gradient", inputs.get(0), dy);
    Check.same(this, "winning positions", inputs.get(1), MaxPool2d.where(window, dy));
    return List.of(new TensorSpec(DataType.F32, input));
  }
}
