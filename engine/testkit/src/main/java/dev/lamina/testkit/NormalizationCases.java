package dev.lamina.testkit;

import dev.lamina.op.BatchNorm2d;
import dev.lamina.op.BatchNorm2dBackward;
import dev.lamina.op.BatchNorm2dInference;
import dev.lamina.op.FoldBatchNorm2d;
import dev.lamina.op.LocalResponseNorm;
import dev.lamina.op.LocalResponseNormBackward;
import dev.lamina.op.Op;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Normalisations. The backward pass runs on what the device's own forward pass saved, of another
 * input: its equations hold for any statistics.
 */
final class NormalizationCases {
  private static final long[][] SHAPES = {
    {4, 1, 3, 3},
    {2, 3, 5, 7},
    {8, 8, 4, 4},
    {3, 9, 6, 5},
    {16, 16, 1, 1},
    {2, 31, 7, 7},
    {1, 33, 8, 8},
    {4, 64, 9, 9}
  };

  private static final long[][] WEIGHTS = {
    {1, 1, 1, 1},
    {8, 3, 3, 3},
    {33, 1, 5, 5},
    {31, 65, 1, 1},
    {64, 32, 3, 3}
  };

  private NormalizationCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    for (long[] shape : SHAPES) {
      cases.add(forward(new BatchNorm2d(), shape));
      cases.add(OpCase.of(new BatchNorm2dInference(1e-5f), inputs(shape)));
      cases.add(backward(new BatchNorm2d(), shape));
    }
    for (long[] shape : SHAPES) {
      cases.addAll(response(new LocalResponseNorm(5), shape));
    }
    cases.addAll(response(new LocalResponseNorm(5, 2, 0.75f, 2), 3, 7, 5, 6));
    cases.addAll(response(new LocalResponseNorm(3, 0.5f, 1.25f, 1), 3, 7, 5, 6));
    cases.addAll(response(new LocalResponseNorm(1, 1, 0.5f, 1), 3, 7, 5, 6));
    BatchNorm2d other = new BatchNorm2d(1e-2f, 0.75f);
    cases.add(forward(other, 3, 5, 4, 4));
    cases.add(forward(other, 3, 5, 4, 4).rounds(3, -1));
    cases.add(backward(other, 3, 5, 4, 4));
    cases.add(OpCase.of(new BatchNorm2dInference(1e-2f), inputs(3, 5, 4, 4)));
    // a single value a channel
    cases.add(forward(new BatchNorm2d(), 1, 5, 1, 1));
    cases.add(OpCase.of(new BatchNorm2dInference(1e-5f), inputs(2, 3, 4, 4)).broken(0));
    for (long[] weight : WEIGHTS) {
      cases.add(OpCase.of(new FoldBatchNorm2d(1e-5f), folded(false, weight)));
      cases.add(OpCase.of(new FoldBatchNorm2d(1e-2f), folded(true, weight)));
    }
    return cases;
  }

  private static List<OpCase.Input> folded(boolean biased, long... weight) {
    List<OpCase.Input> inputs = new ArrayList<>(inputs(1, weight[0]));
    inputs.set(0, OpCase.f32(Fill.UNIT, weight));
    if (biased) {
      inputs.add(OpCase.f32(Fill.UNIT, weight[0]));
    }
    return inputs;
  }

  private static OpCase forward(BatchNorm2d op, long... shape) {
    return OpCase.of(op, inputs(shape));
  }

  private static OpCase backward(BatchNorm2d op, long... shape) {
    return OpCase.of(
            new BatchNorm2dBackward(op.epsilon()),
            OpCase.f32(Fill.UNIT, shape),
            OpCase.f32(Fill.UNIT, shape),
            OpCase.f32(Fill.UNIT, shape[1]),
            new OpCase.Input(TensorSpec.f32(2, shape[1]), Fill.ZEROS))
        .fed(3, forward(op, shape), 1);
  }

  private static List<OpCase> response(LocalResponseNorm op, long... shape) {
    Op backward = new LocalResponseNormBackward(op.size(), op.alpha(), op.beta(), op.k());
    return List.of(
        OpCase.of(op, OpCase.f32(Fill.UNIT, shape)),
        OpCase.of(backward, OpCase.f32(Fill.UNIT, shape), OpCase.f32(Fill.UNIT, shape)));
  }

  private static List<OpCase.Input> inputs(long... shape) {
    long channels = shape[1];
    return List.of(
        OpCase.f32(Fill.UNIT, shape),
        OpCase.f32(Fill.UNIT, channels),
        OpCase.f32(Fill.UNIT, channels),
        OpCase.f32(Fill.UNIT, channels),
        OpCase.f32(Fill.POSITIVE, channels));
  }
}
