package dev.lamina.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.lamina.tensor.Shape;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What ops make of shapes, and what they say to shapes that do not fit. */
class ShapeInferenceTest {
  private static final Window SAME = Window.of(3).pad(1);
  private static final TensorSpec IMAGES = f32(2, 6, 8, 8);
  private static final TensorSpec TABLES = StepTable.spec(3, 8);
  private static final TensorSpec CURSOR = StepTable.cursor();

  static Stream<Arguments> fitting() {
    GatherSamples gather = new GatherSamples(2, 6, 1, List.of(0f, 0f), List.of(1f, 1f));
    return Stream.of(
        arguments(new Conv2d(SAME), List.of(IMAGES, f32(4, 6, 3, 3)), List.of(f32(2, 4, 8, 8))),
        arguments(
            new Conv2d(SAME, 3, true),
            List.of(IMAGES, f32(9, 2, 3, 3), f32(9)),
            List.of(f32(2, 9, 8, 8))),
        arguments(
            new Dropout(0.5f, 0, 0), List.of(IMAGES), List.of(IMAGES, TensorSpec.u8(2, 6, 8, 8))),
        arguments(
            new Dropout(0.5f, 0, 4),
            List.of(IMAGES, TABLES, CURSOR),
            List.of(IMAGES, TensorSpec.u8(2, 6, 8, 8))),
        arguments(
            new Conv2dBackwardData(SAME, 3, IMAGES.shape()),
            List.of(f32(2, 9, 8, 8), f32(9, 2, 3, 3)),
            List.of(IMAGES)),
        arguments(
            new Conv2dBackwardWeights(SAME, 3, true),
            List.of(IMAGES, f32(2, 9, 8, 8)),
            List.of(f32(9, 2, 3, 3), f32(9))),
        arguments(new Linear(), List.of(IMAGES, f32(10, 384), f32(10)), List.of(f32(2, 10))),
        arguments(
            new LinearBackwardData(IMAGES.shape()),
            List.of(f32(2, 10), f32(10, 384)),
            List.of(IMAGES)),
        arguments(
            new LinearBackwardWeights(false), List.of(IMAGES, f32(2, 10)), List.of(f32(10, 384))),
        arguments(
            new BatchNorm2d(),
            List.of(IMAGES, f32(6), f32(6), f32(6), f32(6)),
            List.of(IMAGES, f32(2, 6))),
        arguments(
            new BatchNorm2dInference(1e-5f),
            List.of(IMAGES, f32(6), f32(6), f32(6), f32(6)),
            List.of(IMAGES)),
        arguments(
            new BatchNorm2dBackward(1e-5f),
            List.of(IMAGES, IMAGES, f32(6), f32(2, 6)),
            List.of(IMAGES, f32(6), f32(6))),
        arguments(new MatMul(), List.of(f32(2, 3), f32(3, 5)), List.of(f32(2, 5))),
        arguments(new MatMul(true, false), List.of(f32(3, 2), f32(3, 5)), List.of(f32(2, 5))),
        arguments(new MatMul(false, true), List.of(f32(2, 3), f32(5, 3)), List.of(f32(2, 5))),
        arguments(new MatMul(true, true), List.of(f32(3, 2), f32(5, 3)), List.of(f32(2, 5))),
        arguments(
            new MaxPool2d(Window.of(2).stride(2)),
            List.of(IMAGES),
            List.of(f32(2, 6, 4, 4), TensorSpec.u8(2, 6, 4, 4))),
        arguments(
            new MaxPool2d(Window.of(17)),
            List.of(f32(1, 1, 18, 18)),
            List.of(f32(1, 1, 2, 2), TensorSpec.i32(1, 1, 2, 2))),
        arguments(
            new MaxPool2d(Window.of(2).stride(2), false),
            List.of(IMAGES),
            List.of(f32(2, 6, 4, 4))),
        arguments(
            new MaxPool2dBackward(Window.of(2).stride(2), IMAGES.shape()),
            List.of(f32(2, 6, 4, 4), TensorSpec.u8(2, 6, 4, 4)),
            List.of(IMAGES)),
        arguments(new AvgPool2d(Window.of(8), true), List.of(IMAGES), List.of(f32(2, 6, 1, 1))),
        arguments(
            new AvgPool2dBackward(Window.of(8), true, IMAGES.shape()),
            List.of(f32(2, 6, 1, 1)),
            List.of(IMAGES)),
        arguments(new Reorder(), List.of(TensorSpec.u8(3)), List.of(TensorSpec.u8(3))),
        arguments(
            new SoftmaxCrossEntropy(0), List.of(f32(4, 10), TensorSpec.i32(4)), List.of(f32(2))),
        arguments(
            new SoftmaxCrossEntropy(8),
            List.of(f32(4, 10), TensorSpec.i32(4)),
            List.of(f32(2), f32(4, 10))),
        arguments(
            gather, List.of(TensorSpec.u8(50, 2, 4, 5), TABLES, CURSOR), List.of(f32(6, 2, 4, 5))),
        arguments(
            new GatherLabels(2, 6),
            List.of(TensorSpec.i32(50), TABLES, CURSOR),
            List.of(TensorSpec.i32(6))),
        arguments(new SquaredNorm(), List.of(f32(7)), List.of(f32(1))),
        arguments(new ClipFactor(1), List.of(TABLES, CURSOR, f32(1), f32(1)), List.of(f32(1))),
        arguments(new SumGradients(true), List.of(f32(7), TABLES, CURSOR, f32(7)), List.of()),
        arguments(new EndStep(), List.of(f32(3, 2), CURSOR, f32(2), f32(2)), List.of()),
        arguments(
            new SgdUpdate(0.9f, false, 0, 1, true),
            List.of(f32(7), f32(7), TABLES, CURSOR, f32(1), f32(7), f32(7)),
            List.of()));
  }

  @ParameterizedTest
  @MethodSource("fitting")
  void infersOutputs(Op op, List<TensorSpec> inputs, List<TensorSpec> outputs) {
    assertEquals(outputs, op.infer(inputs));
    assertTrue(op.cost(inputs, outputs).bytes() > 0, "cost of " + op);
  }

  static Stream<Arguments> unfitting() {
    TensorSpec y = f32(2, 9, 8, 8);
    SgdUpdate momentum = new SgdUpdate(0.9f, false, 0, 1, false);
    SgdUpdate clipped = new SgdUpdate(0, false, 0, 1, true);
    return Stream.of(
        wrong(new Conv2d(SAME), "takes 2 to 3 inputs", IMAGES),
        wrong(new Conv2d(SAME), "input has 6 channels, weight expects 5", IMAGES, f32(4, 5, 3, 3)),
        wrong(new Conv2d(SAME), "does not match weight", IMAGES, f32(4, 6, 5, 3)),
        wrong(new Conv2d(SAME), "input must have 4 extents", f32(2, 6), f32(4, 6, 3, 3)),
        wrong(new Conv2d(SAME), "must be f32", TensorSpec.u8(2, 6, 8, 8), f32(4, 6, 3, 3)),
        wrong(new Conv2d(SAME), "bias must be f32[4]", IMAGES, f32(4, 6, 3, 3), f32(6)),
        wrong(new Conv2d(SAME, 4, false), "4 groups do not divide", IMAGES, f32(4, 2, 3, 3)),
        wrong(new Conv2d(SAME, 3, false), "3 groups do not divide", IMAGES, f32(4, 2, 3, 3)),
        wrong(backwardData(1), "does not match weight", y, f32(9, 6, 1, 1)),
        wrong(backwardData(2), "2 groups do not divide", y, f32(9, 3, 3, 3)),
        wrong(backwardData(1), "output gradient must be", f32(2, 9, 7, 8), f32(9, 6, 3, 3)),
        wrong(new Conv2dBackwardWeights(SAME, 2, true), "2 groups do not divide", IMAGES, y),
        wrong(new Conv2dBackwardWeights(SAME, 1, true), "does not fit", IMAGES, f32(2, 9, 7, 8)),
        wrong(new Conv2dBackwardData(SAME, 1, Shape.of(2, 6)), "4 extents", y, f32(9, 6, 3, 3)),
        wrong(new Linear(), "input has 384 features, weight expects 100", IMAGES, f32(10, 100)),
        wrong(new Linear(), "rows of features", f32(7), f32(10, 7)),
        wrong(new Linear(), "must be f32", TensorSpec.i32(2, 7), f32(10, 7)),
        wrong(new LinearBackwardWeights(true), "rows of features", f32(7), f32(7, 3)),
        wrong(new LinearBackwardWeights(true), "output gradient", f32(2, 7), f32(3, 3)),
        wrong(new LinearBackwardData(Shape.of(2, 7)), "weight must be", f32(2, 3), f32(3, 8)),
        wrong(new MatMul(true, false), "inner extents differ", f32(2, 3), f32(3, 5)),
        wrong(new MatMul(), "must be f32", f32(2, 3), TensorSpec.i32(3, 5)),
        wrong(new MaxPool2d(Window.of(9)), "larger than the padded input", IMAGES),
        wrong(
            new MaxPool2dBackward(Window.of(2), IMAGES.shape()),
            "winning positions must be u8[2,6,7,7]",
            f32(2, 6, 7, 7),
            f32(2, 6, 7, 7)),
        wrong(new AvgPool2d(Window.of(2), true), "input must have 4 extents", f32(2, 6)),
        wrong(new Relu(), "must be f32", TensorSpec.i32(3)),
        wrong(new Add(), "second input must be f32[3]", f32(3), f32(4)),
        wrong(new ReluBackward(), "output must be", f32(3), f32(4)),
        wrong(new Softmax(), "logits must have 2 extents", f32(3)),
        wrong(new SoftmaxCrossEntropy(1), "labels must be i32[4]", f32(4, 10), TensorSpec.i32(5)),
        wrong(new GatherLabels(5, 60), "no index for row 64", TensorSpec.i32(9), TABLES, CURSOR),
        wrong(new GatherLabels(0, 6), "labels must be i32", f32(9), TABLES, CURSOR),
        wrong(
            new GatherSamples(0, 6, 1, List.of(0f), List.of(1f)),
            "normalization has 1 channels",
            TensorSpec.u8(9, 3, 4, 4),
            TABLES,
            CURSOR),
        wrong(new SquaredNorm(), "input must be f32[6]", f32(2, 3)),
        wrong(new ClipFactor(1), "partial square must be", TABLES, CURSOR, f32(2)),
        wrong(new SumGradients(true), "gradient must be", f32(7), TABLES, CURSOR, f32(8)),
        wrong(new EndStep(), "ring must be f32[3,2]", f32(3, 3), CURSOR, f32(2)),
        wrong(momentum, "takes 5 to", f32(7), TABLES, CURSOR, f32(7)),
        wrong(momentum, "input 1 must be f32[7]", f32(7), f32(8), TABLES, CURSOR, f32(7)),
        wrong(clipped, "clip factor must be f32[1]", f32(7), TABLES, CURSOR, f32(7), f32(7)));
  }

  @ParameterizedTest
  @MethodSource("unfitting")
  void refusesWhatDoesNotFit(Op op, String reason, List<TensorSpec> inputs) {
    ShapeException refused = assertThrows(ShapeException.class, () -> op.infer(inputs));
    String message = refused.getMessage();
    assertTrue(message.startsWith(op.name() + ":") && message.contains(reason), message);
  }

  @Test
  void attributesAreChecked() {
    assertThrows(ShapeException.class, () -> new Conv2d(SAME, 0, false));
    assertThrows(ShapeException.class, () -> new Conv2dBackwardWeights(SAME, 0, false));
    assertThrows(ShapeException.class, () -> new Conv2dBackwardData(SAME, 0, IMAGES.shape()));
    assertThrows(ShapeException.class, () -> new SoftmaxCrossEntropy(-1));
    assertThrows(ShapeException.class, () -> new LocalResponseNorm(4));
    assertThrows(ShapeException.class, () -> new LocalResponseNorm(5, -1, 0.75f, 1));
    assertThrows(ShapeException.class, () -> new LocalResponseNorm(5, 1, Float.NaN, 1));
    assertThrows(ShapeException.class, () -> new LocalResponseNormBackward(5, 1, 0.75f, 0));
    assertThrows(ShapeException.class, () -> new ClipFactor(0));
    assertThrows(ShapeException.class, () -> new ClipFactor(Float.NaN));
    assertThrows(ShapeException.class, () -> new GatherLabels(-1, 3));
    assertThrows(ShapeException.class, () -> new GatherLabels(0, 0));
    assertThrows(ShapeException.class, () -> new GatherSamples(0, 3, 1, List.of(0f), List.of(0f)));
  }

  @Test
  void opsSayWhatTheyChangeAndWhatStaysSecret() {
    assertEquals(Set.of(), new Conv2d(SAME).mutates());
    assertEquals(Set.of(0), new SumGradients(true).mutates());
    assertEquals(Set.of(0, 1), new EndStep().mutates());
    assertEquals(Set.of(0), new SgdUpdate(0, false, 0, 1, false).mutates());
    assertEquals(Set.of(0, 1), new SgdUpdate(0.5f, false, 0, 1, false).mutates());
    AdamUpdate adam = new AdamUpdate(0.9f, 0.999f, 1e-8f, false, 0, 1, true);
    assertEquals(Set.of(0, 1, 2), adam.mutates());
    assertEquals(3, adam.tablesPosition());
    assertEquals(6, adam.firstGradient());
    assertEquals(5, adam.clipped(false).firstGradient());
    assertEquals(Set.of(1), new MaxPool2d(Window.of(2)).opaque());
    assertEquals(Set.of(), new MaxPool2d(Window.of(2), false).opaque());
  }

  @Test
  void batchNormRefusesWhatCannotBe() {
    ShapeException epsilon =
        assertThrows(ShapeException.class, () -> new BatchNorm2d(0, 0.1f), "epsilon 0");
    assertTrue(epsilon.getMessage().contains("epsilon"), epsilon.getMessage());
    ShapeException momentum =
        assertThrows(ShapeException.class, () -> new BatchNorm2d(1e-5f, 1.5f), "momentum 1.5");
    assertTrue(momentum.getMessage().contains("1.5"), momentum.getMessage());
    assertEquals(
        Optional.of(new BatchNorm2dInference(0.25f)), new BatchNorm2d(0.25f, 0.5f).inference());
    assertEquals(Optional.of(new Relu()), new Relu().inference());
    assertEquals(Optional.empty(), new Dropout(0.5f, 0, 0).inference());
    assertTrue(new BatchNorm2d().joinsRows());
  }

  @Test
  void groupsChangeRateAndDecayAlone() {
    SgdUpdate sgd = new SgdUpdate(0.9f, true, 0, 1, true);
    assertEquals(new SgdUpdate(0.9f, true, 0.1f, 2, true), sgd.forGroup(2, 0.1f));
    AdamUpdate adam = new AdamUpdate(0.8f, 0.9f, 1e-6f, true, 0, 1, false);
    assertEquals(new AdamUpdate(0.8f, 0.9f, 1e-6f, true, 0.1f, 2, false), adam.forGroup(2, 0.1f));
    assertEquals("adamw_update", adam.name());
  }

  @Test
  void costCountsMultiplyAddsAsTwo() {
    // LeNet-5's second convolution, batch 64: 64 x 16 x 10 x 10 outputs of 6 x 5 x 5 products each
    long flops = 2L * 64 * 16 * 100 * 150;
    TensorSpec x = f32(64, 6, 14, 14);
    TensorSpec weight = f32(16, 6, 5, 5);
    TensorSpec y = f32(64, 16, 10, 10);
    long bytes = 4L * (64 * 6 * 196 + 16 * 150 + 64 * 1600);
    Window window = Window.of(5);
    assertEquals(new Cost(flops, bytes), cost(new Conv2d(window), x, weight));
    assertEquals(
        new Cost(flops, bytes), cost(new Conv2dBackwardData(window, 1, x.shape()), y, weight));
    assertEquals(new Cost(flops, bytes), cost(new Conv2dBackwardWeights(window, 1, false), x, y));
    assertEquals(
        new Cost(2 * 4 * 7 * 3, 4 * (28 + 21 + 12)), cost(new Linear(), f32(4, 7), f32(3, 7)));
    assertEquals(
        new Cost(2 * 4 * 7 * 3, 4 * (28 + 21 + 12)),
        cost(new MatMul(true, true), f32(7, 4), f32(3, 7)));
    assertEquals(new Cost(3, 7), new Cost(1, 2).plus(new Cost(2, 5)));
  }

  private static Conv2dBackwardData backwardData(int groups) {
    return new Conv2dBackwardData(SAME, groups, IMAGES.shape());
  }

  private static Cost cost(Op op, TensorSpec... inputs) {
    return op.cost(List.of(inputs), op.infer(List.of(inputs)));
  }

  private static Arguments wrong(Op op, String reason, TensorSpec... inputs) {
    return arguments(op, reason, List.of(inputs));
  }

  private static TensorSpec f32(long... dims) {
    return TensorSpec.f32(dims);
  }
}
