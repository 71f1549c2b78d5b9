package dev.lamina.op;

import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Set;

/**
 * Last call of a step: puts the sum of the lanes' loss cells, taken in order, in the ring's slot at
 * the cursor, and moves the cursor to the next slot, from the last to the first. What the slot held
 * is lost.
 *
 * <p>Inputs: {@code ring f32[slots, 2]} and cursor, both changed in place; one or more cells of
 * {@link SoftmaxCrossEntropy}. No outputs.
 */
public record EndStep() implements Op {
  @Override
  public String name() {
    return "end_step";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 3, Integer.MAX_VALUE);
    TensorSpec ring = inputs.get(0);
    Check.rank(this, "ring", ring, 2);
    Check.type(this, "ring", ring, DataType.F32);
    Check.same(this, "ring", ring, TensorSpec.f32(ring.dim(0), SoftmaxCrossEntropy.CELL));
    Check.same(this, "cursor", inputs.get(1), StepTable.cursor());
    for (TensorSpec cell : inputs.subList(2, inputs.size())) {
      Check.same(this, "cell", cell, TensorSpec.f32(SoftmaxCrossEntropy.CELL));
    }
    return List.of();
  }

  @Override
  public Set<Integer> mutates() {
    return Set.of(0, 1);
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return new Cost(2L * (inputs.size() - 2), 8L * inputs.size());
  }
}
