package dev.lamina.testkit;

import dev.lamina.op.AugmentSamples;
import dev.lamina.op.Augmentation;
import dev.lamina.op.EndStep;
import dev.lamina.op.GatherLabels;
import dev.lamina.op.GatherSamples;
import dev.lamina.op.NormalizeSamples;
import dev.lamina.op.Op;
import dev.lamina.op.StepTable;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.Shape;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/** Batches gathered by step tables, and the end of a step. */
final class StepCases {
  private static final int SLOTS = 3;

  private static final List<Augmentation> AUGMENTATIONS =
      List.of(
          Augmentation.NONE,
          new Augmentation(true, 0, 0, 0, 0, 0, 0),
          new Augmentation(true, 4, 0, 0, 0, 0, 0),
          new Augmentation(false, 0, 15, 0, 0, 0, 0),
          new Augmentation(false, 2, 45, 3, 0, 0, 0),
          new Augmentation(true, 0, 0, 7, 0.5f, 0.25f, 0),
          new Augmentation(true, 4, 10, 5, 0.4f, 0.4f, 1),
          new Augmentation(false, 0, 0, 0, 0, 0, 0.5f));

  private StepCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    cases.add(samples(TensorSpec.u8(20, 1, 28, 28), Fill.BYTES, 0, 4));
    cases.add(samples(TensorSpec.u8(20, 1, 28, 28), Fill.BYTES, 4, 4));
    cases.add(samples(TensorSpec.u8(9, 3, 5, 7), Fill.BYTES, 2, 33));
    cases.add(samples(TensorSpec.u8(1, 1, 1, 1), Fill.BYTES, 0, 1));
    cases.add(samples(TensorSpec.f32(9, 3, 4, 4), Fill.UNIT, 0, 7));
    cases.add(samples(TensorSpec.f32(5, 1, 3, 3), Fill.UNIT, 1, 1));
    cases.add(samples(TensorSpec.f32(1, 2, 3, 3), Fill.UNIT, 0, 2).broken(0));
    for (Augmentation how : AUGMENTATIONS) {
      cases.add(augmented(how, TensorSpec.u8(5, 3, 9, 7), 0, 4));
      cases.add(augmented(how, TensorSpec.u8(7, 3, 32, 32), 3, 5));
      if (how.saturation() == 0) {
        cases.add(augmented(how, TensorSpec.u8(4, 1, 28, 28), 1, 3));
      }
    }
    cases.add(augmented(Augmentation.NONE, TensorSpec.u8(1, 1, 1, 1), 0, 1));
    for (long[] shape : new long[][] {{1, 1, 1, 1}, {3, 1, 28, 28}, {2, 3, 5, 7}}) {
      TensorSpec pixels = new TensorSpec(DataType.U8, Shape.of(shape));
      List<Float> mean = List.of(0.25f, 0.375f, 0.5f).subList(0, (int) shape[1]);
      List<Float> deviation = List.of(0.3f, 0.4f, 0.5f).subList(0, (int) shape[1]);
      NormalizeSamples normalize = new NormalizeSamples(1 / 255f, mean, deviation);
      cases.add(OpCase.of(normalize, new OpCase.Input(pixels, Fill.BYTES)));
    }
    cases.add(labels(20, 0, 4));
    cases.add(labels(20, 4, 4));
    cases.add(labels(9, 2, 33));
    cases.add(labels(1, 0, 1));
    for (int cells = 1; cells <= 3; cells++) {
      cases.add(endStep(cells).rounds(SLOTS + 2, -1));
    }
    cases.add(endStep(2).broken(2));
    return cases;
  }

  private static OpCase samples(TensorSpec source, Fill fill, int firstRow, int rows) {
    List<Float> mean = new ArrayList<>();
    List<Float> deviation = new ArrayList<>();
    for (int c = 0; c < source.dim(1); c++) {
      mean.add(0.25f + 0.125f * c);
      deviation.add(0.3f + 0.1f * c);
    }
    return gather(
        new GatherSamples(firstRow, rows, 1 / 255f, mean, deviation),
        new OpCase.Input(source, fill),
        firstRow + rows);
  }

  /** Each slot has a step and a key of its own. */
  private static OpCase augmented(Augmentation how, TensorSpec source, int firstRow, int rows) {
    Fill tables =
        Fill.indices((int) source.dim(0))
            .bits(StepTable.STEP, 0, 1, -1)
            .bits(StepTable.RANDOM_KEY, 5, -7, 0x12345678)
            .bits(StepTable.RANDOM_KEY + 1, 0, -9, 0x9ABCDEF0);
    List<Integer> fill = List.of(9, 120, 255).subList(0, (int) source.dim(1));
    return OpCase.of(
            new AugmentSamples(firstRow, rows, how, fill),
            new OpCase.Input(source, Fill.BYTES),
            new OpCase.Input(StepTable.spec(SLOTS, firstRow + rows), tables),
            new OpCase.Input(StepTable.cursor(), Fill.ZEROS))
        .rounds(SLOTS, 2)
        .exact();
  }

  private static OpCase labels(int count, int firstRow, int rows) {
    OpCase.Input labels = new OpCase.Input(TensorSpec.i32(count), Fill.below(10));
    return gather(new GatherLabels(firstRow, rows), labels, firstRow + rows);
  }

  /** Runs once per slot, so that each slot is seen. */
  private static OpCase gather(Op op, OpCase.Input source, int rows) {
    Fill indices = Fill.indices((int) source.spec().dim(0));
    return OpCase.of(
            op,
            source,
            new OpCase.Input(StepTable.spec(SLOTS, rows), indices),
            new OpCase.Input(StepTable.cursor(), Fill.ZEROS))
        .rounds(SLOTS, 2);
  }

  private static OpCase endStep(int cells) {
    List<OpCase.Input> inputs = new ArrayList<>();
    inputs.add(OpCase.f32(Fill.UNIT.broken(), SLOTS, 2));
    inputs.add(new OpCase.Input(StepTable.cursor(), Fill.values(1)));
    for (int i = 0; i < cells; i++) {
      inputs.add(OpCase.f32(Fill.POSITIVE, 2));
    }
    return OpCase.of(new EndStep(), inputs);
  }
}
