package dev.lamina.op;

import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Set;

/**
 * Adds the gradient of {@code factor * sum(|p|)} to a flat run of gradients: {@code g += factor /
 * GRADIENT_SCALE * sign(p)}, so that after the table's {@link StepTable#GRADIENT_SCALE} the factor
 * is what counts. A parameter of zero adds nothing, which keeps layout padding clean.
 *
 * <p>Inputs: gradients {@code f32[e]}, changed in place; parameters {@code f32[e]}; step tables;
 * cursor. No outputs.
 *
 * @param factor weight of the penalty; positive
 */
public record L1Penalty(float factor) implements Op {
  /** Checks the factor. */
  public L1Penalty {
    if (!(factor > 0)) {
      throw new ShapeException("l1_penalty: the factor must be above 0, not " + factor);
    }
  }

  @Override
  public String name() {
    return "l1_penalty";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 4, 4);
    TensorSpec gradients = inputs.get(0);
    Check.same(this, "gradients", gradients, TensorSpec.f32(gradients.elements()));
    Check.same(this, "parameters", inputs.get(1), gradients);
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
    return new Cost(2 * elements, 12 * elements);
  }
}
