package dev.lamina.op;

import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Locale;

/**
 * A nonlinearity, element by element, with PyTorch's definitions; the output has the input's spec.
 * {@link Relu} is an op of its own, since it fuses.
 *
 * @param alpha what the kind says; not negative, so that the gradient follows from the output
 */
public record Activation(Kind kind, float alpha) implements Op {
  /** Which function. */
  public enum Kind {
    /** {@code y = x > 0 ? x : alpha * x} (Maas et al., 2013). */
    LEAKY_RELU,
    /** {@code y = x > 0 ? x : alpha * (exp(x) - 1)} (Clevert et al., 2015). */
    ELU,
    /** {@code y = 1 / (1 + exp(-x))}; alpha is 0. */
    SIGMOID,
    /** {@code y = tanh(x)}; alpha is 0. */
    TANH
  }

  /** Checks the value. */
  public Activation {
    boolean bent = kind == Kind.LEAKY_RELU || kind == Kind.ELU;
    if (!(alpha >= 0 && Float.isFinite(alpha)) || (!bent && alpha != 0)) {
      throw new ShapeException(
          kind.name().toLowerCase(Locale.ROOT)
              + ": alpha must be "
              + (bent ? "at least 0 and finite" : "0")
              + ", not "
              + alpha);
    }
  }

  /** Returns the leaky rectifier with PyTorch's slope of 0.01. */
  public static Activation leakyRelu() {
    return new Activation(Kind.LEAKY_RELU, 0.01f);
  }

  /** Returns the exponential linear unit with PyTorch's alpha of 1. */
  public static Activation elu() {
    return new Activation(Kind.ELU, 1);
  }

  /** Returns the logistic function. */
  public static Activation sigmoid() {
    return new Activation(Kind.SIGMOID, 0);
  }

  /** Returns the hyperbolic tangent. */
  public static Activation tanh() {
    return new Activation(Kind.TANH, 0);
  }

  @Override
  public String name() {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 1, 1);
    Check.f32(this, "input", inputs.get(0));
    return inputs;
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(2 * inputs.get(0).elements(), inputs, outputs);
  }

  @Override
  public void gradient(GradientEmitter emitter) {
    if (emitter.wants(0)) {
      Op backward = new ActivationBackward(kind, alpha);
      Operand dy = emitter.outputGradient(0);
      emitter.gradient(0, emitter.emit("backward", backward, dy, emitter.output(0))[0]);
    }
  }
}
