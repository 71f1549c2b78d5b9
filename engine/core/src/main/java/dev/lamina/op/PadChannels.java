package dev.lamina.op;

import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Adds channels of zeros to images: {@code [n, c, h, w]} to {@code [n, before + c + after, h, w]}.
 *
 * @param before channels before the first
 * @param after channels behind the last
 */
public record PadChannels(int before, int after) implements Op {
  /** Checks the values. */
  public PadChannels {
    if (before < 0 || after < 0) {
      throw new ShapeException(
          "pad_channels: " + before + " and " + after + " must not be negative");
    }
  }

  @Override
  public String name() {
    return "pad_channels";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 1, 1);
    TensorSpec x = inputs.get(0);
    Check.f32(this, "input", x, 4);
    return List.of(TensorSpec.f32(x.dim(0), before + x.dim(1) + after, x.dim(2), x.dim(3)));
  }

  @Override
  public void gradient(GradientEmitter emitter) {
    if (emitter.wants(0)) {
      Op slice = new SliceChannels(before, emitter.input(0).spec().shape().size(1));
      emitter.gradient(0, emitter.emit("backward", slice, emitter.outputGradient(0))[0]);
    }
  }
}
