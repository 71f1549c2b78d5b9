package dev.lamina.op;

import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Matrix product {@code c = op(a) * op(b)} of row-major matrices.
 *
 * <p>Inputs: {@code a [m, k]} (or {@code [k, m]} if transposed), {@code b [k, n]} (or {@code [n,
 * k]} if transposed). Output: {@code c [m, n]}.
 */
public record MatMul(boolean transposeA, boolean transposeB) implements Op {
  /** Makes the plain product. */
  public MatMul() {
    this(false, false);
  }

  @Override
  public String name() {
    return "matmul";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 2, 2);
    TensorSpec a = inputs.get(0);
    TensorSpec b = inputs.get(1);
    Check.f32(this, "a", a, 2);
    Check.f32(this, "b", b, 2);
    if (a.dim(transposeA ? 0 : 1) != b.dim(transposeB ? 1 : 0)) {
      throw new ShapeException(
          "matmul: inner extents differ (a %s%s, b %s%s)"
              .formatted(a, transposeA ? " transposed" : "", b, transposeB ? " transposed" : ""));
    }
    return List.of(TensorSpec.f32(a.dim(transposeA ? 1 : 0), b.dim(transposeB ? 0 : 1)));
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    long inner = inputs.get(0).dim(transposeA ? 0 : 1);
    return Cost.of(2 * outputs.get(0).elements() * inner, inputs, outputs);
  }

  @Override
  public void gradient(GradientEmitter emitter) {
    Operand a = emitter.input(0);
    Operand b = emitter.input(1);
    Operand dc = emitter.outputGradient(0);
    if (emitter.wants(0)) {
      Operand da =
          transposeA
              ? emitter.emit("backward_a", new MatMul(transposeB, true), b, dc)[0]
              : emitter.emit("backward_a", new MatMul(false, !transposeB), dc, b)[0];
      emitter.gradient(0, da);
    }
    if (emitter.wants(1)) {
      Operand db =
          transposeB
              ? emitter.emit("backward_b", new MatMul(true, transposeA), dc, a)[0]
              : emitter.emit("backward_b", new MatMul(!transposeA, false), a, dc)[0];
      emitter.gradient(1, db);
    }
  }
}
