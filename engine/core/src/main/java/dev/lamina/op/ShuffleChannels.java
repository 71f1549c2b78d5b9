package dev.lamina.op;

import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Mixes the channels of groups (Zhang et al., "ShuffleNet", 2018): of {@code c} channels in groups
 * of {@code m = c / groups}, channel {@code j} of group {@code g} becomes channel {@code j * groups
 * + g}. Input and output are {@code [n, c, h, w]}.
 *
 * @param groups a divisor of the channels
 */
public record ShuffleChannels(int groups) implements Op {
  /** Checks the groups. */
  public ShuffleChannels {
    if (groups < 1) {
      throw new ShapeException("shuffle_channels: groups must be at least 1, not " + groups);
    }
  }

  @Override
  public String name() {
    return "shuffle_channels";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 1, 1);
    TensorSpec x = inputs.get(0);
    Check.f32(this, "input", x, 4);
    if (x.dim(1) % groups != 0) {
      throw new ShapeException(
          "shuffle_channels: %d groups do not divide the channels of %s".formatted(groups, x));
    }
    return inputs;
  }

  @Override
  public void gradient(GradientEmitter emitter) {
    if (emitter.wants(0)) {
      Op back = new ShuffleChannels(emitter.input(0).spec().shape().size(1) / groups);
      emitter.gradient(0, emitter.emit("backward", back, emitter.outputGradient(0))[0]);
    }
  }
}
