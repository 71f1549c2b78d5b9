package dev.lamina.op;

import dev.lamina.tensor.DataType;
import dev.lamina.tensor.Shape;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Mean over a sliding window.
 *
 * <p>Input: {@code x [n, c, h, w]}. Output: {@code y [n, c, oh, ow]}.
 *
 * @param countPadding whether padded zeros count in the divisor
 */
public record AvgPool2d(Window window, boolean countPadding) implements Op {
  /** Checks that every window sees at least one input. */
  public AvgPool2d {
    Pooling.check("avg_pool2d", window);
  }

  @Override
  public String name() {
    return "avg_pool2d";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 1, 1);
    Check.f32(this, "input", inputs.get(0), 4);
    Shape x = inputs.get(0).shape();
    return List.of(new TensorSpec(DataType.F32, window.slide(name(), x, x.dim(1))));
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(outputs.get(0).elements() * window.area(), inputs, outputs);
  }

  @Override
  public void gradient(GradientEmitter emitter) {
    if (emitter.wants(0)) {
      Op op = new AvgPool2dBackward(window, countPadding, emitter.input(0).spec().shape());
      emitter.gradient(0, emitter.emit("backward", op, emitter.outputGradient(0))[0]);
    }
  }
}
