package dev.lamina.op;

import dev.lamina.tensor.DataType;
import dev.lamina.tensor.Shape;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Two-dimensional cross-correlation, the "convolution" of networks.
 *
 * <p>Inputs: {@code x [n, c, h, w]}, {@code weight [k, c/groups, kh, kw]}, optionally {@code bias
 * [k]}. Output: {@code y [n, k, oh, ow]}.
 *
 * @param window extents, strides, padding, dilation
 * @param groups channels are split into that many independent convolutions
 * @param relu whether {@code max(0, y)} is applied to the result; lowering sets it, models do not
 */
public record Conv2d(Window window, int groups, boolean relu) implements Op {
  /** Checks the values. */
  public Conv2d {
    checkGroups("conv2d", groups);
  }

  /** Makes an ordinary convolution with one group and no activation. */
  public Conv2d(Window window) {
    this(window, 1, false);
  }

  @Override
  public String name() {
    return "conv2d";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 2, 3);
    TensorSpec x = inputs.get(0);
    TensorSpec weight = inputs.get(1);
    Check.f32(this, "input", x, 4);
    Check.f32(this, "weight", weight, 4);
    checkWeight(this, window, groups, x.shape(), weight);
    if (inputs.size() == 3) {
      Check.same(this, "bias", inputs.get(2), TensorSpec.f32(weight.dim(0)));
    }
    return List.of(new TensorSpec(DataType.F32, window.slide("conv2d", x.shape(), weight.dim(0))));
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(flops(inputs.get(1), outputs.get(0)), inputs, outputs);
  }

  static void checkGroups(String op, int groups) {
    if (groups < 1) {
      throw new ShapeException(op + ": groups must be at least 1, not " + groups);
    }
  }

  /** Checks that a weight has the window's extents, and the channels of the input by groups. */
  static void checkWeight(Op op, Window window, int groups, Shape x, TensorSpec weight) {
    if (x.dim(1) % groups != 0 || weight.dim(0) % groups != 0) {
      throw new ShapeException(
          "%s: %d groups do not divide the channels (input %s, weight %s)"
              .formatted(op.name(), groups, x, weight));
    }
    if (weight.dim(1) * groups != x.dim(1)) {
      throw new ShapeException(
          "%s: input has %d channels, weight expects %d (input %s, weight %s, groups %d)"
              .formatted(op.name(), x.dim(1), weight.dim(1) * groups, x, weight, groups));
    }
    if (weight.dim(2) != window.height() || weight.dim(3) != window.width()) {
      throw new ShapeException(
          op.name() + ": window " + window + " does not match weight " + weight);
    }
  }

  /** Multiply-adds of any of the three convolutions, by weight and output gradient. */
  static long flops(TensorSpec weight, TensorSpec y) {
    return 2 * y.elements() * weight.dim(1) * weight.dim(2) * weight.dim(3);
  }

  @Override
  public void gradient(GradientEmitter emitter) {
    Operand x = emitter.input(0);
    Operand weight = emitter.input(1);
    Operand dy = emitter.outputGradient(0);
    boolean bias = emitter.inputs() == 3 && emitter.wants(2);
    if (relu) {
      dy = emitter.emit("relu_backward", new ReluBackward(), dy, emitter.output(0))[0];
    }
    if (emitter.wants(1) || bias) {
      Operand[] gradients =
          emitter.emit("backward_weights", new Conv2dBackwardWeights(window, groups, bias), x, dy);
      if (emitter.wants(1)) {
        emitter.gradient(1, gradients[0]);
      }
      if (bias) {
        emitter.gradient(2, gradients[1]);
      }
    }
    if (emitter.wants(0)) {
      Op op = new Conv2dBackwardData(window, groups, x.spec().shape());
      emitter.gradient(0, emitter.emit("backward_data", op, dy, weight)[0]);
    }
  }
}
