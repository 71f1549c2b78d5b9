package dev.lamina.testkit;

import dev.lamina.op.GradientEmitter;
import dev.lamina.op.Op;
import dev.lamina.op.Operand;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/**
 * Compares the gradient that an op emits with finite differences of its forward pass, both in
 * double precision on {@link ReferenceOps}. This proves the rule in the op's record and the meaning
 * of its backward ops; that a device computes those ops rightly is what {@link DeviceConformance}
 * proves.
 */
public final class GradientCheck {
  /** Step of the differences; so small that hardly an element crosses a kink within it. */
  private static final double STEP = 1e-6;

  /** Allowed error: rounding of the loss divided by the step is below a tenth of it. */
  private static final double TOLERANCE = 1e-5;

  /** Elements tried per input, spread evenly. */
  private static final int ELEMENTS = 16;

  /** Most elements, of those tried, that may lie on a kink before the check proves too little. */
  private static final double KINKS = 0.25;

  private static final long SEED = 7;

  private final Op op;
  private final Consumer<GradientEmitter> rule;
  private final List<HostTensor> inputs;
  private final List<HostTensor> outputs;
  private final List<HostTensor> outputGradients;

  private GradientCheck(Op op, Consumer<GradientEmitter> rule, List<HostTensor> inputs) {
    this.op = op;
    this.rule = rule;
    this.inputs = inputs.stream().map(HostTensor::copy).toList();
    outputs = ReferenceOps.evaluate(op, this.inputs);
    SplittableRandom random = new SplittableRandom(SEED);
    outputGradients = outputs.stream().map(y -> Fill.UNIT.make(y.spec(), random)).toList();
  }

  /**
   * Checks the gradients of all f32 inputs that the op does not change, at these values, asked for
   * together and one by one. Elements at which the op has a kink (a rectifier at zero, equal
   * maxima) are left out.
   *
   * @throws AssertionError if a gradient is wrong, missing, or handed over though nobody wants it
   * @throws dev.lamina.op.UnsupportedOpException if the op has no gradient
   */
  public static void check(Op op, List<HostTensor> inputs) {
    check(op, op::gradient, inputs);
  }

  /** Checks another rule than the op's own. */
  static void check(Op op, Consumer<GradientEmitter> rule, List<HostTensor> inputs) {
    new GradientCheck(op, rule, inputs).check();
  }

  private void check() {
    Map<Integer, HostTensor> all = emitted(this::isDifferentiable);
    for (int position = 0; position < inputs.size(); position++) {
      if (isDifferentiable(position)) {
        HostTensor gradient = all.get(position);
        checkInput(position, gradient);
        int only = position;
        HostTensor alone = emitted(wanted -> wanted == only).get(position);
        require(
            Arrays.equals(gradient.values(), alone.values()),
            "gradient of input " + position + " differs when it alone is wanted");
      }
    }
  }

  private boolean isDifferentiable(int position) {
    boolean changed = op.mutates().contains(position);
    return inputs.get(position).spec().type() == DataType.F32 && !changed;
  }

  /** Lets the op emit, evaluating as it goes. */
  private Map<Integer, HostTensor> emitted(IntPredicate wanted) {
    Emitter emitter = new Emitter(wanted);
    rule.accept(emitter);
    for (int position = 0; position < inputs.size(); position++) {
      require(
          wanted.test(position) == emitter.gradients.containsKey(position),
          "gradient of input %d is wanted: %s, but handed over are %s"
              .formatted(position, wanted.test(position), emitter.gradients.keySet()));
    }
    return emitter.gradients;
  }

  private void checkInput(int position, HostTensor gradient) {
    TensorSpec spec = inputs.get(position).spec();
    require(gradient.spec().equals(spec), "gradient of " + spec + " is " + gradient.spec());
    int count = gradient.values().length;
    int tried = Math.min(count, ELEMENTS);
    int kinks = 0;
    double here = loss(position, 0, 0);
    for (int i = 0; i < tried; i++) {
      int element = (int) ((long) i * count / tried);
      double left = (here - loss(position, element, -STEP)) / STEP;
      double right = (loss(position, element, STEP) - here) / STEP;
      if (Math.abs(left - right) > TOLERANCE * Math.max(1, Math.abs(left))) {
        kinks++;
        continue;
      }
      double expected = (left + right) / 2;
      double actual = gradient.at(element);
      double allowed = TOLERANCE * Math.max(1, Math.abs(expected));
      require(
          Math.abs(actual - expected) <= allowed,
          "gradient of input %d at element %d is %s, but differences give %s"
              .formatted(position, element, actual, expected));
    }
    require(
        kinks <= KINKS * tried,
        "%d of %d elements of input %d lie on kinks: choose inputs that keep away from them"
            .formatted(kinks, tried, position));
  }

  /** Returns the sum of the outputs, weighted by their gradients, with one element moved. */
  private double loss(int position, int element, double step) {
    HostTensor input = inputs.get(position);
    double before = input.at(element);
    input.values()[element] = before + step;
    List<HostTensor> moved = ReferenceOps.evaluate(op, inputs);
    input.values()[element] = before;
    double sum = 0;
    for (int output = 0; output < moved.size(); output++) {
      boolean opaque = op.opaque().contains(output);
      boolean counts = moved.get(output).spec().type() == DataType.F32 && !opaque;
      for (int i = 0; counts && i < moved.get(output).values().length; i++) {
        sum += moved.get(output).at(i) * outputGradients.get(output).at(i);
      }
    }
    return sum;
  }

  private void require(boolean condition, String message) {
    if (!condition) {
      List<TensorSpec> specs = inputs.stream().map(HostTensor::spec).toList();
      throw new AssertionError(op + " " + specs + ": " + message);
    }
  }

  private record Evaluated(HostTensor tensor) implements Operand {
    @Override
    public TensorSpec spec() {
      return tensor.spec();
    }
  }

  /** Runs on the reference whatever is emitted. */
  private final class Emitter implements GradientEmitter {
    private final IntPredicate wanted;
    private final Map<Integer, HostTensor> gradients = new TreeMap<>();

    Emitter(IntPredicate wanted) {
      this.wanted = wanted;
    }

    @Override
    public Operand input(int position) {
      return new Evaluated(inputs.get(position));
    }

    @Override
    public int inputs() {
      return inputs.size();
    }

    @Override
    public Operand output(int position) {
      return new Evaluated(outputs.get(position));
    }

    @Override
    public Operand outputGradient(int position) {
      return new Evaluated(outputGradients.get(position));
    }

    @Override
    public boolean wants(int position) {
      return wanted.test(position);
    }

    @Override
    public Operand[] emit(String role, Op emitted, Operand... operands) {
      List<HostTensor> values =
          Arrays.stream(operands).map(operand -> ((Evaluated) operand).tensor()).toList();
      return ReferenceOps.evaluate(emitted, values).stream()
          .map(Evaluated::new)
          .toArray(Operand[]::new);
    }

    @Override
    public void gradient(int position, Operand value) {
      HostTensor before = gradients.put(position, ((Evaluated) value).tensor());
      require(before == null, "gradient of input " + position + " was handed over twice");
    }
  }
}
