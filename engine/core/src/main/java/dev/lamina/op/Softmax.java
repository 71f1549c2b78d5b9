package dev.lamina.op;

import dev.lamina.tensor.TensorSpec;
import java.util.List;

/** Class probabilities {@code exp(x) / sum(exp(x))} of each row of {@code x [n, classes]}. */
public record Softmax() implements Op {
  @Override
  public String name() {
    return "softmax";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 1, 1);
    Check.f32(this, "logits", inputs.get(0), 2);
    return inputs;
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(5 * outputs.get(0).elements(), inputs, outputs);
  }
}
