package dev.lamina.op;

import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Takes some channels of images, one behind the other: {@code [n, c, h, w]} to {@code [n, count, h,
 * w]}.
 *
 * @param first channel
 * @param count channels, at least one
 */
public record SliceChannels(int first, int count) implements Op {
  /** Checks the values. */
  public SliceChannels {
    if (first < 0 || count < 1) {
      throw new ShapeException(
          "slice_channels: channels from " + first + ", " + count + " of them, are none");
    }
  }

  @Override
  public String name() {
    return "slice_channels";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 1, 1);
    TensorSpec x = inputs.get(0);
    Check.f32(this, "input", x, 4);
    if ((long) first + count > x.dim(1)) {
      throw new ShapeException(
          "slice_channels: input %s has no channels %d to %d"
              .formatted(x, first, first + count - 1L));
    }
    return List.of(TensorSpec.f32(x.dim(0), count, x.dim(2), x.dim(3)));
  }

  @Override
  public void gradient(GradientEmitter emitter) {
    if (emitter.wants(0)) {
      int after = emitter.input(0).spec().shape().size(1) - first - count;
      Op pad = new PadChannels(first, after);
      emitter.gradient(0, emitter.emit("backward", pad, emitter.outputGradient(0))[0]);
    }
  }
}
