package dev.lamina.op;

import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Fully connected layer: {@code y = x * transpose(weight) + bias}.
 *
 * <p>Inputs: {@code x [n, …]}, whose remaining extents are flattened in order to {@code k}; {@code
 * weight [m, k]}; optionally {@code bias [m]}. Output: {@code y [n, m]}. Flattening is part of the
 * op so that a device may read the image layout as it lies.
 *
 * @param relu whether {@code max(0, y)} is applied to the result; lowering sets it, models do not
 */
public record Linear(boolean relu) implements Op {
  /** Makes a layer without activation. */
  public Linear() {
    this(false);
  }

  @Override
  public String name() {
    return "linear";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 2, 3);
    TensorSpec x = inputs.get(0);
    TensorSpec weight = inputs.get(1);
    long features = features(this, x);
    Check.f32(this, "weight", weight, 2);
    if (features != weight.dim(1)) {
      throw new ShapeException(
          "linear: input has %d features, weight expects %d (input %s, weight %s)"
              .formatted(features, weight.dim(1), x, weight));
    }
    if (inputs.size() == 3) {
      Check.same(this, "bias", inputs.get(2), TensorSpec.f32(weight.dim(0)));
    }
    return List.of(TensorSpec.f32(x.dim(0), weight.dim(0)));
  }

  /** Returns the product of all extents but the first. */
  static long features(Op op, TensorSpec x) {
    Check.f32(op, "input", x);
    if (x.shape().rank() < 2) {
      throw new ShapeException(op.name() + ": input must have rows of features, but is " + x);
    }
    return x.elements() / x.dim(0);
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(2 * inputs.get(0).elements() * inputs.get(1).dim(0), inputs, outputs);
  }

  @Override
  public void gradient(GradientEmitter emitter) {
    Operand x = emitter.input(0);
    Operand dy = emitter.outputGradient(0);
    boolean bias = emitter.inputs() == 3 && emitter.wants(2);
    if (relu) {
      dy = emitter.emit("relu_backward", new ReluBackward(), dy, emitter.output(0))[0];
    }
    if (emitter.wants(1) || bias) {
      Operand[] gradients =
          emitter.emit("backward_weights", new LinearBackwardWeights(bias), x, dy);
      if (emitter.wants(1)) {
        emitter.gradient(1, gradients[0]);
      }
      if (bias) {
        emitter.gradient(2, gradients[1]);
      }
    }
    if (emitter.wants(0)) {
      Op op = new LinearBackwardData(x.spec().shape());
      emitter.gradient(0, emitter.emit("backward_data", op, dy, emitter.input(1))[0]);
    }
  }
}
