package dev.lamina.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Precision;
import dev.lamina.op.Add;
import dev.lamina.op.GradientEmitter;
import dev.lamina.op.MaxPool2d;
import dev.lamina.op.Op;
import dev.lamina.op.Relu;
import dev.lamina.op.Softmax;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.op.TargetLoss;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.op.WeightedCrossEntropy;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GradientCheckTest {
  /** The cases of ops that have a gradient; integers would repeat shapes and sit on kinks. */
  static Stream<OpCase> differentiable() {
    return OpCases.all().stream()
        .filter(each -> each.demand() != OpCase.Demand.BROKEN)
        .filter(each -> hasGradient(each.op()))
        .filter(GradientCheckTest::isSmooth);
  }

  @ParameterizedTest
  @MethodSource("differentiable")
  void emittedGradientAgreesWithDifferences(OpCase opCase) {
    GradientCheck.check(opCase.op(), opCase.inputs(0, Precision.F32));
  }

  @Test
  void everyOpWithAGradientIsChecked() {
    Set<Class<?>> expected =
        OpCases.byOp().keySet().stream()
            .filter(GradientCheckTest::declaresGradient)
            .collect(Collectors.toSet());
    Set<Class<?>> checked =
        differentiable().map(each -> each.op().getClass()).collect(Collectors.toSet());
    assertEquals(expected, checked);
    assertTrue(expected.size() >= 7, "found only " + expected);
  }

  static Stream<Op> losses() {
    return Stream.of(
        new SoftmaxCrossEntropy(9),
        new WeightedCrossEntropy(9, 0.1f, List.of()),
        new WeightedCrossEntropy(9, 0.2f, List.of(1f, 2f, 0.5f, 0f, 1f, 1f, 3f, 1f, 1f, 2f)),
        new TargetLoss(TargetLoss.Kind.SQUARED, 9),
        new TargetLoss(TargetLoss.Kind.ABSOLUTE, 9),
        new TargetLoss(TargetLoss.Kind.BINARY, 9));
  }

  /** A loss carries its gradient itself: the second output is that of the first. */
  @ParameterizedTest
  @MethodSource("losses")
  void gradientOfTheLossAgreesWithDifferences(Op op) {
    int rows = 4;
    int meanOver = 9;
    List<HostTensor> inputs = new ArrayList<>();
    for (OpCase opCase : OpCases.byOp().get(SoftmaxCrossEntropy.class)) {
      if (opCase.specs().get(0).equals(TensorSpec.f32(rows, 10)) && inputs.isEmpty()) {
        inputs.addAll(opCase.inputs(0, Precision.F32));
      }
    }
    HostTensor gradient = ReferenceOps.evaluate(op, inputs).get(1);
    double[] logits = inputs.get(0).values();
    for (int i = 0; i < logits.length; i++) {
      double before = logits[i];
      logits[i] = before + 1e-5;
      double above = ReferenceOps.evaluate(op, inputs).get(0).at(SoftmaxCrossEntropy.LOSS);
      logits[i] = before - 1e-5;
      double below = ReferenceOps.evaluate(op, inputs).get(0).at(SoftmaxCrossEntropy.LOSS);
      logits[i] = before;
      assertEquals((above - below) / 2e-5 / meanOver, gradient.at(i), 1e-9, "logit " + i);
    }
  }

  @Test
  void kinksAreLeftOutButMustNotBeEverything() {
    HostTensor values = HostTensor.of(TensorSpec.f32(5), -1, 0, 1, 2, 3);
    GradientCheck.check(new Relu(), List.of(values));
    HostTensor zeros = HostTensor.zeros(TensorSpec.f32(5));
    AssertionError found =
        assertThrows(AssertionError.class, () -> GradientCheck.check(new Relu(), List.of(zeros)));
    assertTrue(found.getMessage().contains("5 of 5 elements"), found.getMessage());
  }

  @Test
  void opWithoutGradientSaysSo() {
    HostTensor logits = HostTensor.zeros(TensorSpec.f32(2, 3));
    assertThrows(
        UnsupportedOpException.class, () -> GradientCheck.check(new Softmax(), List.of(logits)));
  }

  @Test
  void wrongMissingAndUnwantedGradientsAreFound() {
    assertFound(
        emitter -> {
          emitter.gradient(0, emitter.input(0));
          emitter.gradient(1, emitter.outputGradient(0));
        },
        "but differences give");
    assertFound(emitter -> emitter.gradient(0, emitter.outputGradient(0)), "handed over are [0]");
    assertFound(
        emitter -> {
          emitter.gradient(0, emitter.outputGradient(0));
          emitter.gradient(1, emitter.outputGradient(0));
        },
        "gradient of input 1 is wanted: false");
  }

  /** Runs the check with another rule than that of {@link Add}. */
  private static void assertFound(Consumer<GradientEmitter> rule, String what) {
    List<HostTensor> inputs = new ArrayList<>();
    inputs.add(HostTensor.of(TensorSpec.f32(2), 10, 20));
    inputs.add(HostTensor.of(TensorSpec.f32(2), 30, 40));
    AssertionError found =
        assertThrows(AssertionError.class, () -> GradientCheck.check(new Add(), rule, inputs));
    assertTrue(found.getMessage().contains(what), found.getMessage());
  }

  private static boolean isSmooth(OpCase opCase) {
    return opCase.inputs().get(0).fill() == Fill.UNIT;
  }

  private static boolean hasGradient(Op op) {
    boolean forgetful = op instanceof MaxPool2d pool && !pool.saved();
    return declaresGradient(op.getClass()) && !forgetful;
  }

  private static boolean declaresGradient(Class<? extends Op> op) {
    try {
      return op.getMethod("gradient", GradientEmitter.class).getDeclaringClass() == op;
    } catch (NoSuchMethodException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
