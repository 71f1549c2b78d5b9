package dev.lamina.op;

import dev.lamina.tensor.TensorSpec;
import java.util.List;

/** Sum of two tensors of one spec: residual connections and gradients that meet. */
public record Add() implements Op {
  @Override
  public String name() {
    return "add";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 2, 2);
    Check.f32(this, "first input", inputs.get(0));
    Check.same(this, "second input", inputs.get(1), inputs.get(0));
    return List.of(inputs.get(0));
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(outputs.get(0).elements(), inputs, outputs);
  }

  @Override
  public void gradient(GradientEmitter emitter) {
    for (int position = 0; position < 2; position++) {
      if (emitter.wants(position)) {
        emitter.gradient(position, emitter.outputGradient(0));
      }
    }
  }
}
