package dev.lamina.testkit;

import dev.lamina.device.Precision;
import dev.lamina.op.Activation;
import dev.lamina.op.ActivationBackward;
import dev.lamina.op.AdagradUpdate;
import dev.lamina.op.AdamUpdate;
import dev.lamina.op.Add;
import dev.lamina.op.AugmentSamples;
import dev.lamina.op.AvgPool2d;
import dev.lamina.op.AvgPool2dBackward;
import dev.lamina.op.BatchNorm2d;
import dev.lamina.op.BatchNorm2dBackward;
import dev.lamina.op.BatchNorm2dInference;
import dev.lamina.op.ClipFactor;
import dev.lamina.op.ConcatChannels;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dAdd;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.Dropout;
import dev.lamina.op.DropoutBackward;
import dev.lamina.op.EndStep;
import dev.lamina.op.FoldBatchNorm2d;
import dev.lamina.op.GatherLabels;
import dev.lamina.op.GatherSamples;
import dev.lamina.op.L1Penalty;
import dev.lamina.op.Linear;
import dev.lamina.op.LinearBackwardData;
import dev.lamina.op.LinearBackwardWeights;
import dev.lamina.op.LocalResponseNorm;
import dev.lamina.op.LocalResponseNormBackward;
import dev.lamina.op.MatMul;
import dev.lamina.op.MaxPool2d;
import dev.lamina.op.MaxPool2dBackward;
import dev.lamina.op.MovingAverage;
import dev.lamina.op.NormalizeSamples;
import dev.lamina.op.Op;
import dev.lamina.op.PadChannels;
import dev.lamina.op.Relu;
import dev.lamina.op.ReluBackward;
import dev.lamina.op.Reorder;
import dev.lamina.op.RmsPropUpdate;
import dev.lamina.op.SgdUpdate;
import dev.lamina.op.ShuffleChannels;
import dev.lamina.op.SliceChannels;
import dev.lamina.op.Softmax;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.op.SquaredNorm;
import dev.lamina.op.SumGradients;
import dev.lamina.op.TargetLoss;
import dev.lamina.op.WeightedCrossEntropy;
import java.util.Map;
import java.util.Set;

/**
 * How near to the reference a result must be: the one table, by op class and precision. Change a
 * number only with its reason.
 */
final class Tolerances {
  /**
   * A single element may err by so many times the root of the mean squared error that its tensor
   * may have: one wrong element among thousands hardly shows in a sum.
   */
  static final double OUTLIER = 10;

  /** Relative error of a value that was rounded to bf16 once, and a little for f32 before. */
  static final double ROUNDED = 0x1.01p-8;

  /**
   * Both parts hold for each tensor.
   *
   * @param relative allowed error of each element, relative to the reference, plus
   * @param absolute this much
   * @param squared allowed sum of squared errors, relative to the sum of squares of the reference
   */
  record Tolerance(double relative, double absolute, double squared) {
    private static Tolerance elements(double relative, double absolute) {
      return new Tolerance(relative, absolute, Double.POSITIVE_INFINITY);
    }

    private static Tolerance tensor(double squared) {
      return new Tolerance(0, Double.POSITIVE_INFINITY, squared);
    }
  }

  /** Classes of ops whose errors have one source. */
  private enum Kind {
    /** Copies and comparisons: no rounding at all. */
    CHOICE,
    /** Sums of many products, whose terms cancel: a single element may lose all its digits. */
    CONTRACTION,
    /** Sums over a batch, whose error reaches every element; f32 in every precision. */
    NORMALIZATION,
    /** A handful of roundings per element, or a sum whose terms seldom cancel. */
    ARITHMETIC,
    /** exp and log, then a subtraction. */
    EXPONENTIAL
  }

  private static final Map<Class<? extends Op>, Kind> KINDS =
      Map.ofEntries(
          Map.entry(Reorder.class, Kind.CHOICE),
          Map.entry(Relu.class, Kind.CHOICE),
          Map.entry(ReluBackward.class, Kind.CHOICE),
          Map.entry(MaxPool2d.class, Kind.CHOICE),
          Map.entry(MaxPool2dBackward.class, Kind.CHOICE),
          Map.entry(GatherLabels.class, Kind.CHOICE),
          Map.entry(AugmentSamples.class, Kind.CHOICE),
          Map.entry(ConcatChannels.class, Kind.CHOICE),
          Map.entry(SliceChannels.class, Kind.CHOICE),
          Map.entry(PadChannels.class, Kind.CHOICE),
          Map.entry(ShuffleChannels.class, Kind.CHOICE),
          Map.entry(Conv2d.class, Kind.CONTRACTION),
          Map.entry(Conv2dAdd.class, Kind.CONTRACTION),
          Map.entry(Conv2dBackwardData.class, Kind.CONTRACTION),
          Map.entry(Conv2dBackwardWeights.class, Kind.CONTRACTION),
          Map.entry(MatMul.class, Kind.CONTRACTION),
          Map.entry(Linear.class, Kind.CONTRACTION),
          Map.entry(LinearBackwardData.class, Kind.CONTRACTION),
          Map.entry(LinearBackwardWeights.class, Kind.CONTRACTION),
          Map.entry(BatchNorm2d.class, Kind.NORMALIZATION),
          Map.entry(BatchNorm2dInference.class, Kind.NORMALIZATION),
          Map.entry(BatchNorm2dBackward.class, Kind.NORMALIZATION),
          Map.entry(Activation.class, Kind.ARITHMETIC),
          Map.entry(ActivationBackward.class, Kind.ARITHMETIC),
          Map.entry(FoldBatchNorm2d.class, Kind.ARITHMETIC),
          Map.entry(Add.class, Kind.ARITHMETIC),
          Map.entry(AvgPool2d.class, Kind.ARITHMETIC),
          Map.entry(AvgPool2dBackward.class, Kind.ARITHMETIC),
          Map.entry(Dropout.class, Kind.ARITHMETIC),
          Map.entry(DropoutBackward.class, Kind.ARITHMETIC),
          Map.entry(GatherSamples.class, Kind.ARITHMETIC),
          Map.entry(NormalizeSamples.class, Kind.ARITHMETIC),
          Map.entry(SumGradients.class, Kind.ARITHMETIC),
          Map.entry(SquaredNorm.class, Kind.ARITHMETIC),
          Map.entry(ClipFactor.class, Kind.ARITHMETIC),
          Map.entry(EndStep.class, Kind.ARITHMETIC),
          Map.entry(SgdUpdate.class, Kind.ARITHMETIC),
          Map.entry(AdamUpdate.class, Kind.ARITHMETIC),
          Map.entry(RmsPropUpdate.class, Kind.ARITHMETIC),
          Map.entry(AdagradUpdate.class, Kind.ARITHMETIC),
          Map.entry(L1Penalty.class, Kind.ARITHMETIC),
          Map.entry(MovingAverage.class, Kind.ARITHMETIC),
          Map.entry(LocalResponseNorm.class, Kind.EXPONENTIAL),
          Map.entry(LocalResponseNormBackward.class, Kind.EXPONENTIAL),
          Map.entry(Softmax.class, Kind.EXPONENTIAL),
          Map.entry(SoftmaxCrossEntropy.class, Kind.EXPONENTIAL),
          Map.entry(WeightedCrossEntropy.class, Kind.EXPONENTIAL),
          Map.entry(TargetLoss.class, Kind.EXPONENTIAL));

  private Tolerances() {}

  /** Returns the op classes that have a row. */
  static Set<Class<? extends Op>> ops() {
    return KINDS.keySet();
  }

  /**
   * Returns the row of a result.
   *
   * @param stored whether it is stored with fewer bits than single precision has, as {@code bf16}
   *     stores images
   */
  static Tolerance of(Op op, Precision precision, boolean stored) {
    Kind kind = KINDS.get(op.getClass());
    return stored ? stored(kind) : computed(kind, precision);
  }

  private static Tolerance computed(Kind kind, Precision precision) {
    return switch (kind) {
      case CHOICE -> Tolerance.elements(0, 0);
      case CONTRACTION ->
          switch (precision) {
            // A 128x576x128 product gives 8e-14 in f32 and 7e-8 in TF32: the row must lie between,
            // or TF32 passes as f32. Not 1e-13, since the order of sums is the device's.
            case F32 -> Tolerance.tensor(1e-10);
            // Rounding both factors to 10 bits gives 7e-8.
            case TF32 -> Tolerance.tensor(1e-6);
            // Rounding to 7 bits gives 64 times the error of TF32 squared: 5e-6, then gradients of
            // weights are rounded as well.
            case BF16 -> Tolerance.tensor(1e-4);
          };
      // Gradients less their mean cancel, so one element may lose its digits, but not the tensor.
      case NORMALIZATION -> Tolerance.tensor(1e-10);
      // Master weights, reductions and elementwise ops compute in f32 in every precision. Each
      // rounding is 6e-8; a step of an optimizer has about 20, a sum of n values the root of n.
      // The absolute part is for differences of values near 1.
      case ARITHMETIC -> Tolerance.elements(1e-5, 1e-6);
      // exp(x) has the absolute error of x relatively, and logits of 300 have 2e-5; a probability
      // near 1 minus 1 leaves 6e-8.
      case EXPONENTIAL -> Tolerance.elements(1e-4, 2e-7);
    };
  }

  /** Each value computed in single precision and then rounded to 7 bits: 4e-3 of it at most. */
  private static Tolerance stored(Kind kind) {
    return switch (kind) {
      // Values that 7 bits hold are copied; gradients that meet in one place are a sum.
      case CHOICE -> Tolerance.elements(ROUNDED, 0);
      case CONTRACTION -> Tolerance.tensor(1e-4);
      // A third of the square of the rounding is 5e-6; dy less its mean cancels.
      case NORMALIZATION -> Tolerance.tensor(1e-5);
      case ARITHMETIC, EXPONENTIAL -> Tolerance.elements(ROUNDED, 1e-6);
    };
  }
}
