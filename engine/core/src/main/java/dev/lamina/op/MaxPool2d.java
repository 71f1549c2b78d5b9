package dev.lamina.op;

import dev.lamina.tensor.DataType;
import dev.lamina.tensor.Shape;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Set;

/**
 * Maximum over a sliding window; padding counts as minus infinity, the first of equal values wins.
 *
 * <p>Input: {@code x [n, c, h, w]}. Outputs: {@code y [n, c, oh, ow]} and, with {@code saved},
 * {@code where [n, c, oh, ow]}: which position won, in a form that only the device's own {@link
 * MaxPool2dBackward} reads.
 *
 * @param saved whether a backward pass follows
 */
public record MaxPool2d(Window window, boolean saved) implements Op {
  /** Checks that every window sees at least one input. */
  public MaxPool2d {
    Pooling.check("max_pool2d", window);
  }

  /** Makes the pooling as models write it, able to run backward. */
  public MaxPool2d(Window window) {
    this(window, true);
  }

  @Override
  public String name() {
    return "max_pool2d";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 1, 1);
    Check.f32(this, "input", inputs.get(0), 4);
    Shape x = inputs.get(0).shape();
    TensorSpec y = new TensorSpec(DataType.F32, window.slide(name(), x, x.dim(1)));
    return saved ? List.of(y, where(window, y)) : List.of(y);
  }

  @Override
  public Set<Integer> opaque() {
    return saved ? Set.of(1) : Set.of();
  }

  /** One byte a window where positions fit a byte, else an int. */
  static TensorSpec where(Window window, TensorSpec y) {
    return new TensorSpec(window.area() <= 256 ? DataType.U8 : DataType.I32, y.shape());
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(outputs.get(0).elements() * window.area(), inputs, outputs);
  }

  @Override
  public void gradient(GradientEmitter emitter) {
    if (!saved) {
      throw new UnsupportedOpException("max_pool2d has no gradient without saved positions");
    }
    if (emitter.wants(0)) {
      Op op = new MaxPool2dBackward(window, emitter.input(0).spec().shape());
      Operand dy = emitter.outputGradient(0);
      emitter.gradient(0, emitter.emit("backward", op, dy, emitter.output(1))[0]);
    }
  }
}
