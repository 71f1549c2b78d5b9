package dev.lamina.op;

import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Batch normalisation of images, as in training: each channel is brought to mean 0 and variance 1
 * over the batch, then scaled and shifted (Ioffe and Szegedy 2015).
 *
 * <p>Inputs: {@code x [n, c, h, w]}, {@code scale [c]}, {@code shift [c]}, {@code runningMean [c]},
 * {@code runningVariance [c]}. Outputs: {@code y = (x - mean) / sqrt(variance + epsilon) * scale +
 * shift} of x's spec, with the biased variance; and {@code saved [2, c]}, what the device's own
 * {@link BatchNorm2dBackward} wants to know of the statistics.
 *
 * <p>The running statistics move as PyTorch's do: {@code running += momentum * (batch - running)},
 * with the unbiased variance of the batch. Of a single value a channel the variance is 0.
 *
 * @param epsilon added to the variance; positive
 * @param momentum share of the newest batch in the running statistics; from 0 to 1
 */
public record BatchNorm2d(float epsilon, float momentum) implements Op {
  /** Checks the values. */
  public BatchNorm2d {
    checkEpsilon("batch_norm2d", epsilon);
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new ShapeException("batch_norm2d: momentum must be from 0 to 1, not " + momentum);
    }
  }

  /** Makes the normalisation with PyTorch's defaults: epsilon 1e-5, momentum 0.1. */
  public BatchNorm2d() {
    this(1e-5f, 0.1f);
  }

  @Override
  public String name() {
    return "batch_norm2d";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    TensorSpec y = checkInputs(this, inputs);
    return List.of(y, saved(y));
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(7 * inputs.get(0).elements(), inputs, outputs);
  }

  @Override
  public Set<Integer> mutates() {
    return Set.of(3, 4);
  }

  @Override
  public Set<Integer> opaque() {
    return Set.of(1);
  }

  @Override
  public boolean joinsRows() {
    return true;
  }

  @Override
  public Optional<Op> inference() {
    return Optional.of(new BatchNorm2dInference(epsilon));
  }

  @Override
  public void gradient(GradientEmitter emitter) {
    if (!emitter.wants(0) && !emitter.wants(1) && !emitter.wants(2)) {
      return;
    }
    Operand[] gradients =
        emitter.emit(
            "backward",
            new BatchNorm2dBackward(epsilon),
            emitter.outputGradient(0),
            emitter.input(0),
            emitter.input(1),
            emitter.output(1));
    for (int position = 0; position < gradients.length; position++) {
      if (emitter.wants(position)) {
        emitter.gradient(position, gradients[position]);
      }
    }
  }

  static void checkEpsilon(String op, float epsilon) {
    if (!(epsilon > 0 && epsilon <= 1)) {
      throw new ShapeException(op + ": epsilon must be above 0 and at most 1, not " + epsilon);
    }
  }

  /** Checks images and the four values a channel, and returns the images' spec. */
  static TensorSpec checkInputs(Op op, List<TensorSpec> inputs) {
    Check.count(op, inputs, 5, 5);
    TensorSpec x = inputs.get(0);
    Check.f32(op, "input", x, 4);
    TensorSpec perChannel = TensorSpec.f32(x.dim(1));
    Check.same(op, "scale", inputs.get(1), perChannel);
    Check.same(op, "shift", inputs.get(2), perChannel);
    Check.same(op, "running mean", inputs.get(3), perChannel);
    Check.same(op, "running variance", inputs.get(4), perChannel);
    return x;
  }

  static TensorSpec saved(TensorSpec x) {
    return TensorSpec.f32(2, x.dim(1));
  }
}
