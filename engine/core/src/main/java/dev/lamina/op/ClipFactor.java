package dev.lamina.op;

import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Factor that keeps the gradients' norm under a bound: {@code min(1, maxNorm / (norm + 1e-6))} with
 * {@code norm = GRADIENT_SCALE * sqrt(sum of the partial squares)}, as in PyTorch.
 *
 * <p>Inputs: step tables; cursor; one or more {@link SquaredNorm} results {@code f32[1]}. Output:
 * {@code f32[1]}.
 */
public record ClipFactor(float maxNorm) implements Op {
  /** Checks the bound. */
  public ClipFactor {
    if (!(maxNorm > 0)) {
      throw new ShapeException("clip_factor: the norm's bound must be positive, not " + maxNorm);
    }
  }

  @Override
  public String name() {
    return "clip_factor";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 3, Integer.MAX_VALUE);
    StepTable.check(this, inputs.get(0), inputs.get(1), 0);
    for (TensorSpec partial : inputs.subList(2, inputs.size())) {
      Check.same(this, "partial square", partial, TensorSpec.f32(1));
    }
    return List.of(TensorSpec.f32(1));
  }
}
