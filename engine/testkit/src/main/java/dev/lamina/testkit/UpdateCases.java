package dev.lamina.testkit;

import dev.lamina.op.AdagradUpdate;
import dev.lamina.op.AdamUpdate;
import dev.lamina.op.ClipFactor;
import dev.lamina.op.L1Penalty;
import dev.lamina.op.MovingAverage;
import dev.lamina.op.Op;
import dev.lamina.op.OptimizerOp;
import dev.lamina.op.RmsPropUpdate;
import dev.lamina.op.SgdUpdate;
import dev.lamina.op.SquaredNorm;
import dev.lamina.op.StepTable;
import dev.lamina.op.SumGradients;
import java.util.ArrayList;
import java.util.List;

/** Gradient sums, norms and clipping; optimizers over several steps, on runs with padding. */
final class UpdateCases {
  private static final int[] SIZES = {1, 7, 33, 1000};
  private static final int STEPS = 4;

  private static final List<OptimizerOp> OPTIMIZERS =
      List.of(
          new SgdUpdate(0, false, 0, 1, false),
          new SgdUpdate(0, false, 0.01f, 0.5f, true),
          new SgdUpdate(0.9f, false, 0, 1, false),
          new SgdUpdate(0.9f, false, 5e-4f, 2, true),
          new SgdUpdate(0.9f, true, 5e-4f, 1, false),
          new AdamUpdate(0.9f, 0.999f, 1e-8f, false, 0, 1, false),
          new AdamUpdate(0.9f, 0.999f, 1e-8f, false, 0.01f, 0.5f, true),
          new AdamUpdate(0.8f, 0.99f, 1e-6f, true, 0.05f, 1, false),
          new RmsPropUpdate(0.99f, 1e-8f, 0, 0, 1, false),
          new RmsPropUpdate(0.9f, 1e-6f, 0.9f, 0.01f, 0.5f, true),
          new RmsPropUpdate(0.99f, 1e-8f, true, 0, 0.01f, 1, false),
          new RmsPropUpdate(0.9f, 1e-6f, true, 0.9f, 0, 0.5f, true),
          new AdagradUpdate(1e-10f, 0, 1, false),
          new AdagradUpdate(1e-6f, 0.05f, 0.5f, true));

  private UpdateCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    for (OptimizerOp optimizer : OPTIMIZERS) {
      for (int size : SIZES) {
        cases.add(update(optimizer, size, 1 + size % 3));
      }
      cases.add(update(optimizer, 9, 1).broken(optimizer.firstGradient()));
    }
    for (int size : SIZES) {
      for (int gradients = 1; gradients <= 3; gradients++) {
        cases.add(sum(true, size, gradients));
      }
      cases.add(sum(false, size, 2));
      cases.add(OpCase.of(new SquaredNorm(), OpCase.f32(Fill.UNIT, size)));
      cases.add(OpCase.of(new SquaredNorm(), OpCase.f32(Fill.INTEGERS, size)).exact());
    }
    cases.add(OpCase.of(new SquaredNorm(), OpCase.f32(Fill.UNIT, 61_706)));
    cases.add(OpCase.of(new SquaredNorm(), OpCase.f32(Fill.UNIT, 33)).broken(0));
    for (int size : SIZES) {
      Fill scales = Fill.tables(StepTable.GRADIENT_SCALE, 1, 0.25f);
      cases.add(pair(new L1Penalty(0.125f), scales, size));
      Fill decays = Fill.tables(StepTable.AVERAGE_DECAY, 0, 0.9f);
      cases.add(pair(new MovingAverage(), decays, size));
      Fill none = Fill.tables(StepTable.AVERAGE_DECAY, 0, 0);
      cases.add(pair(new MovingAverage(), none, size).exact());
    }
    cases.add(pair(new L1Penalty(1), Fill.tables(StepTable.GRADIENT_SCALE, 1, 1), 9).broken(0));
    cases.add(pair(new MovingAverage(), Fill.ZEROS, 9).broken(1));
    cases.add(clip(0.1f, 1));
    cases.add(clip(0.1f, 3));
    cases.add(clip(100, 2));
    cases.add(clip(0.1f, 2).broken(2));
    cases.add(sum(true, 7, 2).broken(3));
    return cases;
  }

  private static OpCase update(OptimizerOp op, int size, int gradients) {
    List<OpCase.Input> inputs = new ArrayList<>();
    inputs.add(OpCase.f32(Fill.PADDED, size));
    for (int i = 0; i < op.states(); i++) {
      inputs.add(OpCase.f32(Fill.ZEROS, size));
    }
    inputs.add(new OpCase.Input(StepTable.spec(STEPS, 1), steps(op)));
    inputs.add(new OpCase.Input(StepTable.cursor(), Fill.ZEROS));
    if (op.clipped()) {
      inputs.add(OpCase.f32(Fill.POSITIVE, 1));
    }
    for (int i = 0; i < gradients; i++) {
      inputs.add(OpCase.f32(Fill.PADDED, size));
    }
    return OpCase.of(op, inputs).rounds(STEPS, op.tablesPosition() + 1);
  }

  /** The rate falls, the scale changes, the corrections are what the trainer would write. */
  private static Fill steps(OptimizerOp op) {
    float[] rates = new float[STEPS];
    float[] scales = new float[STEPS];
    float[] corrections1 = new float[STEPS];
    float[] corrections2 = new float[STEPS];
    for (int step = 0; step < STEPS; step++) {
      rates[step] = 0.1f / (step + 1);
      scales[step] = step % 2 == 0 ? 1 : 0.25f;
      if (op instanceof AdamUpdate adam) {
        corrections1[step] = (float) (1 - Math.pow(adam.beta1(), step + 1));
        corrections2[step] = (float) (1 - Math.pow(adam.beta2(), step + 1));
      }
    }
    return Fill.tables(StepTable.LEARNING_RATE, rates)
        .word(StepTable.GRADIENT_SCALE, scales)
        .word(StepTable.BIAS_CORRECTION_1, corrections1)
        .word(StepTable.BIAS_CORRECTION_2, corrections2);
  }

  /** The first batch starts a new sum over rubbish, two more add to it if the op keeps. */
  private static OpCase sum(boolean keeps, int size, int gradients) {
    List<OpCase.Input> inputs = new ArrayList<>();
    inputs.add(OpCase.f32(Fill.UNIT.broken(), size));
    Fill keep = Fill.tables(StepTable.KEEP_GRADIENTS, 0, 1, 1);
    inputs.add(new OpCase.Input(StepTable.spec(3, 1), keep));
    inputs.add(new OpCase.Input(StepTable.cursor(), Fill.ZEROS));
    for (int i = 0; i < gradients; i++) {
      inputs.add(OpCase.f32(Fill.UNIT, size));
    }
    return OpCase.of(new SumGradients(keeps), inputs).rounds(3, 2);
  }

  /** An op on two flat runs with padding, the first changed in place in two steps. */
  private static OpCase pair(Op op, Fill tables, int size) {
    return OpCase.of(
            op,
            OpCase.f32(Fill.PADDED, size),
            OpCase.f32(Fill.PADDED, size),
            new OpCase.Input(StepTable.spec(2, 1), tables),
            new OpCase.Input(StepTable.cursor(), Fill.ZEROS))
        .rounds(2, 3);
  }

  private static OpCase clip(float maxNorm, int partials) {
    List<OpCase.Input> inputs = new ArrayList<>();
    Fill scales = Fill.tables(StepTable.GRADIENT_SCALE, 1, 0.5f);
    inputs.add(new OpCase.Input(StepTable.spec(2, 1), scales));
    inputs.add(new OpCase.Input(StepTable.cursor(), Fill.ZEROS));
    for (int i = 0; i < partials; i++) {
      inputs.add(OpCase.f32(Fill.POSITIVE, 1));
    }
    return OpCase.of(new ClipFactor(maxNorm), inputs).rounds(2, 1);
  }
}
