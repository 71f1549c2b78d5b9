package dev.lamina.testkit;

import dev.lamina.op.Activation;
import dev.lamina.op.ActivationBackward;
import dev.lamina.op.Add;
import dev.lamina.op.Dropout;
import dev.lamina.op.DropoutBackward;
import dev.lamina.op.Op;
import dev.lamina.op.Relu;
import dev.lamina.op.ReluBackward;
import dev.lamina.op.Reorder;
import dev.lamina.op.Softmax;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.op.StepTable;
import dev.lamina.op.TargetLoss;
import dev.lamina.op.WeightedCrossEntropy;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.Shape;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Elementwise ops and the loss.
 *
 * <p>What a rectifier or a maximum makes of NaN is left open: vendors' max instructions drop it,
 * and a run that diverges shows in the loss by other ways.
 */
final class PointwiseCases {
  private static final long[][] SHAPES = {
    {1},
    {7},
    {8},
    {33},
    {1025},
    {3, 5},
    {31, 33},
    {2, 3, 4},
    {4, 6, 14, 14},
    {2, 9, 7, 5},
    {1, 32, 3, 3}
  };

  private static final long[][] LOGITS = {
    {1, 1}, {1, 10}, {4, 10}, {9, 7}, {64, 10}, {3, 33}, {2, 1000}
  };

  private static final List<Activation> ACTIVATIONS =
      List.of(
          Activation.leakyRelu(),
          Activation.elu(),
          new Activation(Activation.Kind.ELU, 0.5f),
          Activation.sigmoid(),
          Activation.tanh());

  private PointwiseCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    for (long[] shape : SHAPES) {
      OpCase.Input unit = OpCase.f32(Fill.UNIT, shape);
      OpCase.Input signs = OpCase.f32(Fill.TIES, shape);
      cases.add(OpCase.of(new Relu(), unit));
      cases.add(OpCase.of(new Relu(), signs));
      cases.add(OpCase.of(new ReluBackward(), unit, signs));
      cases.add(OpCase.of(new Add(), unit, unit));
      cases.add(OpCase.of(new Add(), signs, signs).exact());
      cases.add(OpCase.of(new Reorder(), unit).exact());
    }
    cases.add(
        OpCase.of(new Reorder(), new OpCase.Input(TensorSpec.u8(3, 4, 5, 5), Fill.BYTES)).exact());
    cases.add(
        OpCase.of(new Reorder(), new OpCase.Input(TensorSpec.u8(3, 3, 5, 7), Fill.BYTES)).exact());
    cases.add(
        OpCase.of(new Reorder(), new OpCase.Input(TensorSpec.i32(9), Fill.below(1 << 20))).exact());
    cases.add(
        OpCase.of(new Add(), OpCase.f32(Fill.UNIT, 3, 4), OpCase.f32(Fill.UNIT, 3, 4)).broken(0));
    cases.add(OpCase.of(new Reorder(), OpCase.f32(Fill.UNIT, 3, 4)).broken(0));
    for (long[] shape : SHAPES) {
      for (Activation op : ACTIVATIONS) {
        cases.add(OpCase.of(op, OpCase.f32(Fill.UNIT, shape)));
        Op backward = new ActivationBackward(op.kind(), op.alpha());
        OpCase.Input y = OpCase.f32(Fill.UNIT, shape);
        cases.add(OpCase.of(backward, y, y));
      }
      cases.add(dropout(new Dropout(0.5f, 0, 0), shape));
      cases.add(dropout(new Dropout(0.2f, 3, 5), shape));
      cases.add(
          OpCase.of(
              new DropoutBackward(0.2f),
              OpCase.f32(Fill.UNIT, shape),
              new OpCase.Input(new TensorSpec(DataType.U8, Shape.of(shape)), Fill.below(2))));
    }
    for (Activation op : ACTIVATIONS) {
      cases.add(OpCase.of(op, OpCase.f32(Fill.LARGE, 5, 33)));
    }
    cases.add(dropout(new Dropout(0, 1, 1), 5, 7));
    cases.add(dropout(new Dropout(0.99f, 1 << 30, 1 << 20), 9, 31));
    for (long[] shape : LOGITS) {
      int rows = (int) shape[0];
      cases.add(OpCase.of(new Softmax(), OpCase.f32(Fill.UNIT, shape)));
      cases.add(OpCase.of(new Softmax(), OpCase.f32(Fill.LARGE, shape)));
      for (int meanOver : new int[] {0, rows, 2 * rows}) {
        List<Float> weights = new ArrayList<>();
        for (int c = 0; c < shape[1]; c++) {
          weights.add(0.5f + c % 3);
        }
        Fill fill = meanOver > rows ? Fill.LARGE : Fill.UNIT;
        cases.add(loss(new WeightedCrossEntropy(meanOver, 0.1f, List.of()), fill, shape));
        cases.add(loss(new WeightedCrossEntropy(meanOver, 0.1f, weights), fill, shape));
        cases.add(loss(new WeightedCrossEntropy(meanOver, 0, weights), fill, shape));
        for (TargetLoss.Kind kind : TargetLoss.Kind.values()) {
          cases.add(loss(new TargetLoss(kind, meanOver), fill, shape));
        }
      }
      cases.add(loss(0, Fill.UNIT, shape));
      cases.add(loss(rows, Fill.UNIT, shape));
      cases.add(loss(2 * rows, Fill.TIES, shape));
      cases.add(loss(rows, Fill.LARGE, shape));
    }
    cases.add(OpCase.of(new Softmax(), OpCase.f32(Fill.UNIT, 3, 10)).broken(0));
    cases.add(loss(3, Fill.UNIT, 3, 10).broken(0));
    cases.add(loss(new WeightedCrossEntropy(3, 0.1f, List.of()), Fill.UNIT, 3, 10).broken(0));
    for (TargetLoss.Kind kind : TargetLoss.Kind.values()) {
      cases.add(loss(new TargetLoss(kind, 3), Fill.UNIT, 3, 10).broken(0));
    }
    return cases;
  }

  /** Runs at several steps, whose numbers and keys use both halves. */
  private static OpCase dropout(Dropout op, long... shape) {
    Fill tables =
        Fill.ZEROS
            .bits(StepTable.STEP, 0, 1, -1)
            .bits(StepTable.STEP + 1, 0, 7, 0)
            .bits(StepTable.RANDOM_KEY, 11, -2, 0x12345678)
            .bits(StepTable.RANDOM_KEY + 1, 0, -3, 0x9ABCDEF0);
    return OpCase.of(
            op,
            OpCase.f32(Fill.UNIT, shape),
            new OpCase.Input(StepTable.spec(3, 1), tables),
            new OpCase.Input(StepTable.cursor(), Fill.ZEROS))
        .rounds(3, 2);
  }

  private static OpCase loss(int meanOver, Fill fill, long... shape) {
    return loss(new SoftmaxCrossEntropy(meanOver), fill, shape);
  }

  private static OpCase loss(Op op, Fill fill, long... shape) {
    OpCase.Input labels = new OpCase.Input(TensorSpec.i32(shape[0]), Fill.below((int) shape[1]));
    return OpCase.of(op, OpCase.f32(fill, shape), labels);
  }
}
