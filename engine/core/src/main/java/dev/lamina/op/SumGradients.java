package dev.lamina.op;

import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Set;

/**
 * Sums the lanes' gradients, in order, into one buffer. With {@code keeps}, what the buffer held is
 * kept where the step table's {@link StepTable#KEEP_GRADIENTS} is 1 (accumulation over batches); it
 * is not read where that is 0, nor without {@code keeps}, so it may be anything.
 *
 * <p>Inputs: {@code sum f32[e]}, changed in place; step tables; cursor; one or more gradients
 * {@code f32[e]}. No outputs.
 */
public record SumGradients(boolean keeps) implements Op {
  @Override
  public String name() {
    return "sum_gradients";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 4, Integer.MAX_VALUE);
    TensorSpec sum = inputs.get(0);
    Check.same(this, "sum", sum, TensorSpec.f32(sum.elements()));
    StepTable.check(this, inputs.get(1), inputs.get(2), 0);
    for (TensorSpec gradient : inputs.subList(3, inputs.size())) {
      Check.same(this, "gradient", gradient, sum);
    }
    return List.of();
  }

  @Override
  public Set<Integer> mutates() {
    return Set.of(0);
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    long elements = inputs.get(0).elements();
    return new Cost(elements * (inputs.size() - 3), 4 * elements * (inputs.size() - 1));
  }
}
