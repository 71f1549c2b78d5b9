package dev.lamina.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.op.Activation;
import dev.lamina.op.AdamUpdate;
import dev.lamina.op.Add;
import dev.lamina.op.AugmentSamples;
import dev.lamina.op.Augmentation;
import dev.lamina.op.AvgPool2d;
import dev.lamina.op.AvgPool2dBackward;
import dev.lamina.op.BatchNorm2d;
import dev.lamina.op.BatchNorm2dBackward;
import dev.lamina.op.BatchNorm2dInference;
import dev.lamina.op.ClipFactor;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.EndStep;
import dev.lamina.op.GatherLabels;
import dev.lamina.op.GatherSamples;
import dev.lamina.op.Linear;
import dev.lamina.op.LinearBackwardData;
import dev.lamina.op.LinearBackwardWeights;
import dev.lamina.op.LocalResponseNorm;
import dev.lamina.op.LocalResponseNormBackward;
import dev.lamina.op.MatMul;
import dev.lamina.op.MaxPool2d;
import dev.lamina.op.MaxPool2dBackward;
import dev.lamina.op.Op;
import dev.lamina.op.OptimizerOp;
import dev.lamina.op.Relu;
import dev.lamina.op.ReluBackward;
import dev.lamina.op.SgdUpdate;
import dev.lamina.op.Softmax;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.op.SquaredNorm;
import dev.lamina.op.StepTable;
import dev.lamina.op.SumGradients;
import dev.lamina.op.TargetLoss;
import dev.lamina.op.WeightedCrossEntropy;
import dev.lamina.op.Window;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.Shape;
import dev.lamina.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Results worked out by hand, the root of all other comparisons. */
class ReferenceOpsTest {
  private static final double EXACT = 0;
  private static final double CLOSE = 1e-12;

  @Test
  void convolutionIsCrossCorrelation() {
    HostTensor x = image(3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    HostTensor weight = f32(Shape.of(1, 1, 2, 2), 1, 2, 3, 4);
    assertOutput(new Conv2d(Window.of(2)), 0, List.of(x, weight), 37, 47, 67, 77);
  }

  @Test
  void convolutionPadsStridesAndDilates() {
    HostTensor x = image(3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    HostTensor weight = f32(Shape.of(1, 1, 2, 2), 1, 2, 3, 4);
    Window padded = Window.of(2).pad(1).stride(2);
    assertOutput(new Conv2d(padded), 0, List.of(x, weight), 4, 18, 36, 77);
    Window dilated = Window.of(2).dilation(2);
    assertOutput(new Conv2d(dilated), 0, List.of(x, weight), 1 + 6 + 21 + 36);
  }

  @Test
  void convolutionAddsBiasThenRectifies() {
    HostTensor x = f32(Shape.of(1, 2, 1, 1), 1, 2);
    HostTensor weight = f32(Shape.of(2, 2, 1, 1), 1, 1, -1, -1);
    HostTensor bias = f32(Shape.of(2), 10, 1);
    Conv2d plain = new Conv2d(Window.of(1));
    assertOutput(plain, 0, List.of(x, weight, bias), 13, -2);
    assertOutput(new Conv2d(Window.of(1), 1, true), 0, List.of(x, weight, bias), 13, 0);
  }

  @Test
  void groupsOfAConvolutionDoNotMix() {
    HostTensor x = f32(Shape.of(1, 4, 1, 1), 1, 2, 3, 4);
    HostTensor weight = f32(Shape.of(2, 2, 1, 1), 1, 10, 100, 1000);
    assertOutput(new Conv2d(Window.of(1), 2, false), 0, List.of(x, weight), 21, 4300);
  }

  @Test
  void convolutionBackwardOfOneWindow() {
    // y = 1*a + 2*b over one row of two, so da = 1*dy, db = 2*dy, and the weights get the inputs.
    Window window = Window.of(1, 2);
    HostTensor x = image(1, 3, 5, 6, 7);
    HostTensor weight = f32(Shape.of(1, 1, 1, 2), 1, 2);
    HostTensor dy = image(1, 2, 10, 100);
    Op data = new Conv2dBackwardData(window, 1, x.spec().shape());
    assertOutput(data, 0, List.of(dy, weight), 10, 120, 200);
    Op weights = new Conv2dBackwardWeights(window, 1, true);
    assertOutput(weights, 0, List.of(x, dy), 650, 760);
    assertOutput(weights, 1, List.of(x, dy), 110);
  }

  @Test
  void matrixProductTransposesEitherSide() {
    HostTensor a = f32(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    HostTensor b = f32(Shape.of(3, 2), 1, 2, 3, 4, 5, 6);
    assertOutput(new MatMul(), 0, List.of(a, b), 22, 28, 49, 64);
    assertOutput(new MatMul(false, true), 0, List.of(a, a), 14, 32, 32, 77);
    assertOutput(new MatMul(true, false), 0, List.of(b, b), 35, 44, 44, 56);
    assertOutput(new MatMul(true, true), 0, List.of(a, b), 9, 19, 29, 12, 26, 40, 15, 33, 51);
  }

  @Test
  void linearFlattensAndPropagatesBackward() {
    HostTensor x = f32(Shape.of(1, 2, 1, 2), 1, 2, 3, 4);
    HostTensor weight = f32(Shape.of(2, 4), 1, 0, 0, 1, -1, -1, -1, -1);
    HostTensor bias = f32(Shape.of(2), 0.5, 0.25);
    assertOutput(new Linear(), 0, List.of(x, weight, bias), 5.5, -9.75);
    assertOutput(new Linear(true), 0, List.of(x, weight, bias), 5.5, 0);
    HostTensor dy = f32(Shape.of(1, 2), 10, 100);
    Op data = new LinearBackwardData(x.spec().shape());
    assertOutput(data, 0, List.of(dy, weight), -90, -100, -100, -90);
    Op weights = new LinearBackwardWeights(true);
    assertOutput(weights, 0, List.of(x, dy), 10, 20, 30, 40, 100, 200, 300, 400);
    assertOutput(weights, 1, List.of(x, dy), 10, 100);
  }

  @Test
  void maxPoolingTakesTheFirstOfEquals() {
    HostTensor x = image(2, 4, 3, 3, 1, 2, 3, 0, 2, 2);
    MaxPool2d op = new MaxPool2d(Window.of(2).stride(2));
    assertOutput(op, 0, List.of(x), 3, 2);
    HostTensor where = ReferenceOps.evaluate(op, List.of(x)).get(1);
    assertArrayEquals(new double[] {0, 1}, where.values());
    Op backward = new MaxPool2dBackward(op.window(), x.spec().shape());
    assertOutput(backward, 0, List.of(image(1, 2, 7, 9), where), 7, 0, 0, 9, 0, 0, 0, 0);
  }

  @Test
  void maxPoolingNeverTakesPadding() {
    HostTensor x = image(2, 2, -1, -2, -3, -4);
    MaxPool2d op = new MaxPool2d(Window.of(2).stride(2).pad(1));
    assertOutput(op, 0, List.of(x), -1, -2, -3, -4);
  }

  @Test
  void overlappingMaxPoolingSumsGradients() {
    HostTensor x = image(1, 3, 1, 5, 2);
    MaxPool2d op = new MaxPool2d(Window.of(1, 2));
    HostTensor where = ReferenceOps.evaluate(op, List.of(x)).get(1);
    Op backward = new MaxPool2dBackward(op.window(), x.spec().shape());
    assertOutput(backward, 0, List.of(image(1, 2, 10, 100), where), 0, 110, 0);
  }

  @Test
  void averagePoolingCountsPaddingOnlyWhenTold() {
    HostTensor x = image(2, 2, 4, 8, 12, 16);
    Window window = Window.of(2).stride(2).pad(1);
    assertOutput(new AvgPool2d(window, true), 0, List.of(x), 1, 2, 3, 4);
    assertOutput(new AvgPool2d(window, false), 0, List.of(x), 4, 8, 12, 16);
    HostTensor dy = image(2, 2, 4, 8, 12, 16);
    Op counted = new AvgPool2dBackward(window, true, x.spec().shape());
    assertOutput(counted, 0, List.of(dy), 1, 2, 3, 4);
    Op seen = new AvgPool2dBackward(window, false, x.spec().shape());
    assertOutput(seen, 0, List.of(dy), 4, 8, 12, 16);
  }

  @Test
  void rectifierPassesGradientsWhereItsOutputIsPositive() {
    HostTensor x = f32(Shape.of(4), -1, 0, 2, Double.NaN);
    assertOutput(new Relu(), 0, List.of(x), 0, 0, 2, Double.NaN);
    HostTensor dy = f32(Shape.of(4), 10, 20, 30, 40);
    HostTensor y = f32(Shape.of(4), 0, 0, 2, 1);
    assertOutput(new ReluBackward(), 0, List.of(dy, y), 0, 0, 30, 40);
    assertOutput(new Add(), 0, List.of(dy, y), 10, 20, 32, 41);
  }

  @Test
  void lossOfEqualLogitsIsTheLogOfTheirNumber() {
    HostTensor logits = f32(Shape.of(2, 4), 1000, 1000, 1000, 1000, 0, 0, 0, 0);
    HostTensor labels = HostTensor.of(TensorSpec.i32(2), 0, 1);
    Op op = new SoftmaxCrossEntropy(2);
    // the first of equal logits counts as the answer, so only the first row is right
    assertOutput(op, 0, List.of(logits, labels), 2 * Math.log(4), 1);
    double p = 0.25 / 2;
    assertOutput(op, 1, List.of(logits, labels), p - 0.5, p, p, p, p, p - 0.5, p, p);
    assertOutput(new Softmax(), 0, List.of(f32(Shape.of(1, 2), 0, Math.log(3))), 0.25, 0.75);
  }

  @Test
  void gathersReadTheRunningSlot() {
    HostTensor tables = HostTensor.zeros(StepTable.spec(2, 3));
    double[] second = {2, 0, 1};
    System.arraycopy(second, 0, tables.values(), tables.size(1) + StepTable.INDICES, 3);
    HostTensor cursor = HostTensor.of(StepTable.cursor(), 1);
    HostTensor labels = HostTensor.of(TensorSpec.i32(3), 70, 71, 72);
    assertOutput(new GatherLabels(0, 3), 0, List.of(labels, tables, cursor), 72, 70, 71);
    assertOutput(new GatherLabels(1, 2), 0, List.of(labels, tables, cursor), 70, 71);
    HostTensor source = HostTensor.of(TensorSpec.u8(3, 2, 1, 1), 0, 10, 20, 30, 40, 50);
    Op gather = new GatherSamples(0, 2, 0.5f, List.of(1f, 2f), List.of(2f, 4f));
    assertOutput(gather, 0, List.of(source, tables, cursor), 9.5, 5.75, -0.5, 0.75);
  }

  @Test
  void endOfStepSumsCellsAndMovesOn() {
    HostTensor ring = f32(Shape.of(2, 2), 1, 2, 3, 4);
    HostTensor cursor = HostTensor.of(StepTable.cursor(), 1);
    HostTensor cell = f32(Shape.of(2), 10, 100);
    ReferenceOps.evaluate(new EndStep(), List.of(ring, cursor, cell, cell));
    assertArrayEquals(new double[] {1, 2, 20, 200}, ring.values());
    assertEquals(0, cursor.at(0));
    ReferenceOps.evaluate(new EndStep(), List.of(ring, cursor, cell));
    assertArrayEquals(new double[] {10, 100, 20, 200}, ring.values());
    assertEquals(1, cursor.at(0));
  }

  @Test
  void gradientSumIgnoresWhatItDoesNotKeep() {
    HostTensor tables = tables(2);
    set(tables, 0, StepTable.KEEP_GRADIENTS, 0);
    set(tables, 1, StepTable.KEEP_GRADIENTS, 1);
    HostTensor cursor = HostTensor.of(StepTable.cursor(), 0);
    HostTensor sum = f32(Shape.of(2), Double.NaN, 5);
    HostTensor gradient = f32(Shape.of(2), 1, 2);
    List<HostTensor> inputs = List.of(sum, tables, cursor, gradient, gradient);
    ReferenceOps.evaluate(new SumGradients(true), inputs);
    assertArrayEquals(new double[] {2, 4}, sum.values());
    cursor.values()[0] = 1;
    ReferenceOps.evaluate(new SumGradients(true), inputs);
    assertArrayEquals(new double[] {4, 8}, sum.values());
  }

  @Test
  void clippingScalesTheNormAndNeverEnlarges() {
    HostTensor tables = tables(1);
    set(tables, 0, StepTable.GRADIENT_SCALE, 0.5f);
    HostTensor cursor = HostTensor.of(StepTable.cursor(), 0);
    assertOutput(new SquaredNorm(), 0, List.of(f32(Shape.of(2), 3, 4)), 25);
    HostTensor nine = f32(Shape.of(1), 9);
    HostTensor seven = f32(Shape.of(1), 7);
    List<HostTensor> inputs = List.of(tables, cursor, nine, seven);
    assertOutput(new ClipFactor(1), 0, inputs, 1 / (2 + 1e-6));
    assertOutput(new ClipFactor(3), 0, inputs, 1);
  }

  /** Logits 0 and log 3 have probabilities 1/4 and 3/4. */
  @Test
  void lossesOfTwoClassesByHand() {
    double three = Math.log(3);
    List<HostTensor> inputs =
        List.of(f32(Shape.of(1, 2), 0, three), HostTensor.of(TensorSpec.i32(1), 0));
    double q0 = Math.log(4);
    double q1 = Math.log(4.0 / 3);
    Op smoothed = new WeightedCrossEntropy(1, 0.5f, List.of(2f, 4f));
    // targets 0.5 * 2 + 0.25 * 2 and 0.25 * 4
    assertNear(smoothed, 0, inputs, 1.5 * q0 + q1, 0);
    assertNear(smoothed, 1, inputs, 2.5 / 4 - 1.5, 2.5 * 3 / 4 - 1);
    Op squared = new TargetLoss(TargetLoss.Kind.SQUARED, 2);
    assertNear(squared, 0, inputs, (1 + three * three) / 2, 0);
    assertNear(squared, 1, inputs, -0.5, three / 2);
    Op absolute = new TargetLoss(TargetLoss.Kind.ABSOLUTE, 2);
    assertNear(absolute, 0, inputs, (1 + three) / 2, 0);
    assertNear(absolute, 1, inputs, -0.25, 0.25);
    Op binary = new TargetLoss(TargetLoss.Kind.BINARY, 2);
    assertNear(binary, 0, inputs, (Math.log(2) + Math.log(4)) / 2, 0);
    assertNear(binary, 1, inputs, -0.125, 0.1875);
  }

  @Test
  void activationsByHand() {
    HostTensor x = f32(Shape.of(3), -1, 0, 2);
    double e = Math.exp(-1);
    float slope = 0.01f;
    assertNear(Activation.leakyRelu(), 0, List.of(x), -slope, 0, 2);
    assertNear(new Activation(Activation.Kind.ELU, 2), 0, List.of(x), 2 * (e - 1), 0, 2);
    assertNear(Activation.sigmoid(), 0, List.of(x), e / (1 + e), 0.5, 1 / (1 + Math.exp(-2)));
    double e4 = Math.exp(4);
    double tanh1 = (1 - e * e) / (1 + e * e);
    assertNear(Activation.tanh(), 0, List.of(x), -tanh1, 0, (e4 - 1) / (e4 + 1));
  }

  @Test
  void localResponseNormByHand() {
    // of two pixels: three channels 1, 2, 3, and 0, 1, 0
    HostTensor x = f32(Shape.of(1, 3, 1, 2), 1, 0, 2, 1, 3, 0);
    Op norm = new LocalResponseNorm(3, 3, 1, 2);
    assertNear(norm, 0, List.of(x), 1 / 7.0, 0, 2 / 16.0, 1 / 3.0, 3 / 15.0, 0);
    HostTensor dy = f32(Shape.of(1, 3, 1, 2), 0, 0, 1, 0, 0, 0);
    Op backward = new LocalResponseNormBackward(3, 3, 1, 2);
    double slope = -2 * 2 / 256.0;
    List<HostTensor> inputs = List.of(dy, x);
    assertNear(backward, 0, inputs, slope, 0, 1 / 16.0 + 2 * slope, 0, 3 * slope, 0);
  }

  /** The series in whole numbers keeps to the functions by 1/10,000. */
  @Test
  void anglesAreNearlyThoseOfTheFunctions() {
    int most = new Augmentation(false, 0, 45, 0, 0, 0, 0).mostRadians();
    assertEquals(Math.PI / 4, most / 65536.0, 1e-5);
    for (int angle = -most; angle <= most; angle += 97) {
      assertEquals(Math.sin(angle / 65536.0), Augmentation.sine(angle) / 65536.0, 1e-4);
      assertEquals(Math.cos(angle / 65536.0), Augmentation.cosine(angle) / 65536.0, 1e-4);
    }
  }

  /** Over many draws a 2x1 sample is mirrored half of the time, and shifted every way. */
  @Test
  void samplesAreMirroredAndShiftedByChance() {
    HostTensor source = HostTensor.of(TensorSpec.u8(1, 1, 1, 2), 10, 20);
    int rows = 2000;
    HostTensor tables = HostTensor.zeros(StepTable.spec(1, rows));
    HostTensor cursor = HostTensor.of(StepTable.cursor(), 0);
    Augmentation flip = new Augmentation(true, 0, 0, 0, 0, 0, 0);
    double[] flipped = augmented(flip, rows, source, tables, cursor);
    int mirrored = 0;
    for (int row = 0; row < rows; row++) {
      assertEquals(30, flipped[2 * row] + flipped[2 * row + 1]);
      mirrored += flipped[2 * row] == 20 ? 1 : 0;
    }
    assertEquals(rows / 2, mirrored, 5 * Math.sqrt(rows / 4.0));
    Augmentation crop = new Augmentation(false, 1, 0, 0, 0, 0, 0);
    Map<String, Integer> seen = new TreeMap<>();
    double[] cropped = augmented(crop, rows, source, tables, cursor);
    for (int row = 0; row < rows; row++) {
      seen.merge((int) cropped[2 * row] + " " + (int) cropped[2 * row + 1], 1, Integer::sum);
    }
    // two of three rows of the padded sample are black
    assertEquals(Set.of("0 0", "0 10", "10 20", "20 0"), seen.keySet());
    assertEquals(rows * 2 / 3, seen.get("0 0"), 5 * Math.sqrt(rows));
  }

  private static double[] augmented(
      Augmentation how, int rows, HostTensor source, HostTensor tables, HostTensor cursor) {
    Op op = new AugmentSamples(0, rows, how, List.of(0));
    return ReferenceOps.evaluate(op, List.of(source, tables, cursor)).get(0).values();
  }

  @Test
  void momentumFollowsPyTorch() {
    // Two steps with rate 0.1, momentum 0.5, decay 0.25, p = 1, g = 1 both times.
    SgdUpdate plain = new SgdUpdate(0.5f, false, 0.25f, 1, false);
    HostTensor[] state = twoSteps(plain, 0.1f);
    double v1 = 1.25;
    double rate = 0.1f;
    double p1 = 1 - rate * v1;
    double v2 = 0.5 * v1 + 1 + 0.25 * p1;
    assertArrayEquals(new double[] {p1 - rate * v2}, state[0].values(), CLOSE);
    assertArrayEquals(new double[] {v2}, state[1].values(), CLOSE);

    HostTensor[] nesterov = twoSteps(new SgdUpdate(0.5f, true, 0, 2, false), 0.1f);
    // v1 = 1, step 1.5; v2 = 1.5, step 1.75; the group doubles the rate
    assertArrayEquals(new double[] {1 - 2 * rate * (1.5 + 1.75)}, nesterov[0].values(), CLOSE);
  }

  @Test
  void adamFollowsPyTorch() {
    // With beta 0.5 and corrections 0.5, 0.75, a constant gradient gives steps of just the rate.
    AdamUpdate adam = new AdamUpdate(0.5f, 0.5f, 0, false, 0, 1, false);
    HostTensor[] state = twoSteps(adam, 0.125f);
    assertArrayEquals(new double[] {0.75}, state[0].values(), CLOSE);
    assertArrayEquals(new double[] {0.75}, state[1].values(), CLOSE);
    assertArrayEquals(new double[] {0.75}, state[2].values(), CLOSE);
    AdamUpdate decoupled = new AdamUpdate(0.5f, 0.5f, 0, true, 0.5f, 1, false);
    double shrink = 1 - 0.125 * 0.5;
    double expected = (shrink - 0.125) * shrink - 0.125;
    assertArrayEquals(new double[] {expected}, twoSteps(decoupled, 0.125f)[0].values(), CLOSE);
  }

  /** Values 1, 3, 5, 7 of one channel: mean 4, variance 5, unbiased 20 / 3. */
  @Test
  void batchNormBringsAChannelToMeanZeroAndVarianceOne() {
    HostTensor x = f32(Shape.of(2, 1, 1, 2), 1, 3, 5, 7);
    HostTensor mean = f32(Shape.of(1), 2);
    HostTensor variance = f32(Shape.of(1), 1);
    List<HostTensor> inputs = List.of(x, f32(Shape.of(1), 2), f32(Shape.of(1), 10), mean, variance);
    double deviation = Math.sqrt(5.25);
    List<HostTensor> outputs = ReferenceOps.evaluate(new BatchNorm2d(0.25f, 0.5f), inputs);
    double[] y = {10 - 6 / deviation, 10 - 2 / deviation, 10 + 2 / deviation, 10 + 6 / deviation};
    assertArrayEquals(y, outputs.get(0).values(), CLOSE);
    assertArrayEquals(new double[] {4, 5}, outputs.get(1).values(), CLOSE);
    assertArrayEquals(new double[] {3}, mean.values(), CLOSE);
    assertArrayEquals(new double[] {(1 + 20.0 / 3) / 2}, variance.values(), CLOSE);
    List<HostTensor> gradients =
        ReferenceOps.evaluate(
            new BatchNorm2dBackward(0.25f),
            List.of(f32(Shape.of(2, 1, 1, 2), 4, 0, 0, 0), x, inputs.get(1), outputs.get(1)));
    double dscale = -12 / deviation;
    assertArrayEquals(new double[] {dscale}, gradients.get(1).values(), CLOSE);
    assertArrayEquals(new double[] {4}, gradients.get(2).values(), CLOSE);
    double first = 2 / deviation * (4 - 1 - -3 / deviation * dscale / 4);
    assertEquals(first, gradients.get(0).at(0), CLOSE);
  }

  @Test
  void batchNormInferenceTakesTheRunningStatistics() {
    HostTensor x = f32(Shape.of(1, 2, 1, 2), 1, 3, 5, 7);
    List<HostTensor> inputs =
        List.of(
            x,
            f32(Shape.of(2), 1, 6),
            f32(Shape.of(2), 0, 1),
            f32(Shape.of(2), 1, 3),
            f32(Shape.of(2), 0.75, 8.75));
    assertOutput(new BatchNorm2dInference(0.25f), 0, inputs, 0, 2, 5, 9);
    assertArrayEquals(new double[] {1, 3}, inputs.get(3).values());
  }

  @Test
  void updateSumsScalesAndClipsGradients() {
    SgdUpdate op = new SgdUpdate(0, false, 0, 1, true);
    HostTensor tables = tables(1);
    set(tables, 0, StepTable.LEARNING_RATE, 1);
    set(tables, 0, StepTable.GRADIENT_SCALE, 0.5f);
    HostTensor cursor = HostTensor.of(StepTable.cursor(), 0);
    HostTensor parameter = f32(Shape.of(1), 100);
    HostTensor clip = f32(Shape.of(1), 0.25);
    HostTensor a = f32(Shape.of(1), 24);
    HostTensor b = f32(Shape.of(1), 40);
    ReferenceOps.evaluate(op, List.of(parameter, tables, cursor, clip, a, b));
    assertArrayEquals(new double[] {92}, parameter.values());
  }

  private static void assertNear(Op op, int output, List<HostTensor> inputs, double... expected) {
    double[] actual = ReferenceOps.evaluate(op, inputs).get(output).values();
    assertArrayEquals(expected, actual, CLOSE, op.toString());
  }

  private static HostTensor[] twoSteps(OptimizerOp op, float rate) {
    HostTensor tables = tables(2);
    for (int slot = 0; slot < 2; slot++) {
      set(tables, slot, StepTable.LEARNING_RATE, rate);
      set(tables, slot, StepTable.GRADIENT_SCALE, 1);
      set(tables, slot, StepTable.BIAS_CORRECTION_1, slot == 0 ? 0.5f : 0.75f);
      set(tables, slot, StepTable.BIAS_CORRECTION_2, slot == 0 ? 0.5f : 0.75f);
    }
    HostTensor[] inputs = new HostTensor[op.firstGradient() + 1];
    Arrays.setAll(inputs, i -> f32(Shape.of(1), 0));
    inputs[0].values()[0] = 1;
    inputs[op.tablesPosition()] = tables;
    inputs[op.tablesPosition() + 1] = HostTensor.of(StepTable.cursor(), 0);
    inputs[op.firstGradient()].values()[0] = 1;
    ReferenceOps.evaluate(op, List.of(inputs));
    inputs[op.tablesPosition() + 1].values()[0] = 1;
    ReferenceOps.evaluate(op, List.of(inputs));
    return inputs;
  }

  private static HostTensor tables(int slots) {
    return HostTensor.zeros(StepTable.spec(slots, 1));
  }

  private static void set(HostTensor tables, int slot, int word, float value) {
    tables.values()[slot * tables.size(1) + word] = Float.floatToRawIntBits(value);
  }

  private static HostTensor image(int height, int width, double... values) {
    return f32(Shape.of(1, 1, height, width), values);
  }

  private static HostTensor f32(Shape shape, double... values) {
    return HostTensor.of(new TensorSpec(DataType.F32, shape), values);
  }

  private static void assertOutput(Op op, int output, List<HostTensor> inputs, double... expected) {
    double tolerance = op instanceof SoftmaxCrossEntropy || op instanceof Softmax ? CLOSE : EXACT;
    double[] actual = ReferenceOps.evaluate(op, inputs).get(output).values();
    assertArrayEquals(expected, actual, tolerance, op.toString());
  }
}
