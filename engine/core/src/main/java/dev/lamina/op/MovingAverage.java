package dev.lamina.op;

import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Set;

/**
 * Moves a flat run of averages towards the parameters: {@code a += (1 - decay) * (p - a)} with the
 * table's {@link StepTable#AVERAGE_DECAY}, as PyTorch's exponential {@code AveragedModel}; a decay
 * of 0, at the first update, copies.
 *
 * <p>Inputs: averages {@code f32[e]}, changed in place and finite; parameters {@code f32[e]}; step
 * tables; cursor. No outputs.
 */
public record MovingAverage() implements Op {
  @Override
  public String name() {
    return "moving_average";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 4, 4);
    TensorSpec averages = inputs.get(0);
    Check.same(this, "averages", averages, TensorSpec.f32(averages.elements()));
    Check.same(this, "parameters", inputs.get(1), averages);
    StepTable.check(this, inputs.get(2), inputs.get(3), 0);
    return List.of();
  }

  @Override
  public Set<Integer> mutates() {
    return Set.of(0);
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    long elements = inputs.get(0).elements();
    return new Cost(3 * elements, 12 * elements);
  }
}
