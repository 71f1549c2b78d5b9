package dev.lamina.op;

import dev.lamina.tensor.TensorSpec;
import java.util.List;

/** Rectifier {@code y = max(0, x)}, element by element; the output has the input's spec. */
public record Relu() implements Op {
  @Override
  public String name() {
    return "relu";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 1, 1);
    Check.f32(this, "input", inputs.get(0));
    return inputs;
  }

  @Override
  public void gradient(GradientEmitter emitter) {
    if (emitter.wants(0)) {
      Operand dy = emitter.outputGradient(0);
      emitter.gradient(0, emitter.emit("backward", new ReluBackward(), dy, emitter.output(0))[0]);
    }
  }
}
