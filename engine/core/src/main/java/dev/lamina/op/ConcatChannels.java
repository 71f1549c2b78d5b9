package dev.lamina.op;

import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Puts the channels of images one behind the other.
 *
 * <p>Inputs: two or more {@code [n, c, h, w]} that differ in c alone. Output: {@code [n, sum of c,
 * h, w]}.
 */
public record ConcatChannels() implements Op {
  @Override
  public String name() {
    return "concat_channels";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 2, Integer.MAX_VALUE);
    TensorSpec first = inputs.get(0);
    long channels = 0;
    for (TensorSpec input : inputs) {
      Check.f32(this, "input", input, 4);
      if (!input.shape().with(1, first.dim(1)).equals(first.shape())) {
        throw new ShapeException(
            "concat_channels: inputs must differ in channels alone, but are " + inputs);
      }
      channels += input.dim(1);
    }
    return List.of(TensorSpec.f32(first.dim(0), channels, first.dim(2), first.dim(3)));
  }

  @Override
  public void gradient(GradientEmitter emitter) {
    int first = 0;
    for (int position = 0; position < emitter.inputs(); position++) {
      int channels = emitter.input(position).spec().shape().size(1);
      if (emitter.wants(position)) {
        Op part = new SliceChannels(first, channels);
        Operand dy = emitter.outputGradient(0);
        emitter.gradient(position, emitter.emit("backward" + position, part, dy)[0]);
      }
      first += channels;
    }
  }
}
