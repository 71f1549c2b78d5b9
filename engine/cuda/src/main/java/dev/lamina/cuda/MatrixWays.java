package dev.lamina.cuda;

import dev.lamina.cuda.call.Blas;
import dev.lamina.cuda.call.Gemm;
import dev.lamina.device.OpCall;
import dev.lamina.op.Linear;
import dev.lamina.op.LinearBackwardWeights;
import dev.lamina.op.MatMul;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/** Matrix products and the fully connected layer by cuBLAS. */
final class MatrixWays {
  private final CudaDevice device;
  private final Blas blas;

  MatrixWays(CudaDevice device) {
    this.device = device;
    blas = device.libraries().blas();
  }

  List<Way> product(MatMul op, OpCall call) {
    TensorSpec c = call.outputs().get(0);
    long inner = call.inputs().get(0).elements() / c.dim(0);
    Gemm gemm = gemm(c.dim(0), c.dim(1), inner, op.transposeA(), op.transposeB());
    return way(call, gemm, 0, 1, operands -> {});
  }

  /** y [n, m] = x [n, k] * transpose(weight [m, k]) + bias. */
  List<Way> linear(Linear op, OpCall call) {
    TensorSpec y = call.outputs().get(0);
    Gemm gemm = gemm(y.dim(0), y.dim(1), call.inputs().get(1).dim(1), false, true);
    boolean bias = call.inputs().size() == 3;
    if (!bias && !op.relu()) {
      return way(call, gemm, 0, 1, operands -> {});
    }
    return List.of(
        new Way(
            CanonicalLayouts.of("cublas", call),
            () -> {
              Epilogue epilogue = new Epilogue(device, gemm.rows(), gemm.columns(), 1);
              return new Product(
                  gemm,
                  0,
                  1,
                  operands ->
                      epilogue.forward(
                          operands.outputs().get(0),
                          bias ? operands.inputs().get(2) : null,
                          op.relu()));
            }));
  }

  /** dx [n, k] = dy [n, m] * weight [m, k]. */
  List<Way> backwardData(OpCall call) {
    TensorSpec dy = call.inputs().get(0);
    Gemm gemm = gemm(dy.dim(0), call.inputs().get(1).dim(1), dy.dim(1), false, false);
    return way(call, gemm, 0, 1, operands -> {});
  }

  /** dweight [m, k] = transpose(dy [n, m]) * x [n, k]. */
  List<Way> backwardWeights(LinearBackwardWeights op, OpCall call) {
    TensorSpec dy = call.inputs().get(1);
    Gemm gemm = gemm(dy.dim(1), call.outputs().get(0).dim(1), dy.dim(0), true, false);
    if (!op.bias()) {
      return way(call, gemm, 1, 0, operands -> {});
    }
    return List.of(
        new Way(
            CanonicalLayouts.of("cublas", call),
            () -> {
              Epilogue epilogue = new Epilogue(device, gemm.inner(), gemm.rows(), 1);
              return new Product(
                  gemm,
                  1,
                  0,
                  operands ->
                      epilogue.backward(operands.inputs().get(1), operands.outputs().get(1)));
            }));
  }

  private static Gemm gemm(long rows, long columns, long inner, boolean a, boolean b) {
    return new Gemm(Math.toIntExact(rows), Math.toIntExact(columns), Math.toIntExact(inner), a, b);
  }

  private List<Way> way(OpCall call, Gemm gemm, int a, int b, Rest rest) {
    return List.of(
        new Way(CanonicalLayouts.of("cublas", call), () -> new Product(gemm, a, b, rest)));
  }

  /** What follows the product. */
  private interface Rest {
    void enqueue(Addresses operands);
  }

  /** A product made ready; the scratch of cuBLAS is the device's. */
  private final class Product implements Work {
    private final Gemm gemm;
    private final int a;
    private final int b;
    private final Rest rest;

    Product(Gemm gemm, int a, int b, Rest rest) {
      this.gemm = gemm;
      this.a = a;
      this.b = b;
      this.rest = rest;
    }

    @Override
    public long workspaceBytes() {
      return 0;
    }

    @Override
    public boolean warmsUp() {
      return true;
    }

    @Override
    public void enqueue(Addresses operands) {
      blas.multiply(gemm, operands.input(a), operands.input(b), operands.output(0));
      rest.enqueue(operands);
    }

    @Override
    public void close() {}
  }
}
