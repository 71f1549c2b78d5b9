package dev.lamina.op;

import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Copies a tensor from one physical layout to another; logically the identity. Lowering inserts it
 * where layouts meet, and the layouts are part of the prepared call.
 */
public record Reorder() implements Op {
  @Override
  public String name() {
    return "reorder";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 1, 1);
    return inputs;
  }
}
