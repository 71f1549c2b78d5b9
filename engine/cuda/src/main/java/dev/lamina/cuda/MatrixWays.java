package dev.lamina.cuda;

import dev.lamina.cuda.call.Argument.Memory;
import dev.lamina.cuda.call.Blas;
import dev.lamina.cuda.call.Gemm;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.kernels.Form;
import dev.lamina.op.Linear;
import dev.lamina.op.LinearBackwardWeights;
import dev.lamina.op.MatMul;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Matrix products and the fully connected layer by cuBLAS. Results are single precision always.
 *
 * <p>In {@code bf16} both factors are rounded: a layer's image or gradient before it comes here,
 * since several products read it, weights and whatever users multiply by a copy in the workspace.
 */
final class MatrixWays {
  private static final Supplier<Rest> NOTHING = () -> operands -> {};

  private final CudaDevice device;
  private final Blas blas;
  private final Form factors;

  MatrixWays(CudaDevice device) {
    this.device = device;
    blas = device.libraries().blas();
    factors = Form.matrices(device.precision());
  }

  List<CudaWay> product(MatMul op, OpCall call) {
    TensorSpec c = call.outputs().get(0);
    long inner = call.inputs().get(0).elements() / c.dim(0);
    Gemm gemm = gemm(c.dim(0), c.dim(1), inner, op.transposeA(), op.transposeB());
    return way(call, gemm, new Factors(0, 1), Set.of(), NOTHING);
  }

  /** y [n, m] = x [n, k] * transpose(weight [m, k]) + bias. */
  List<CudaWay> linear(Linear op, OpCall call) {
    TensorSpec y = call.outputs().get(0);
    Gemm gemm = gemm(y.dim(0), y.dim(1), call.inputs().get(1).dim(1), false, true);
    boolean bias = call.inputs().size() == 3;
    return way(
        call,
        gemm,
        new Factors(0, 1),
        Set.of(0),
        !bias && !op.relu()
            ? NOTHING
            : () -> {
              Epilogue epilogue =
                  new Epilogue(device, gemm.rows(), gemm.columns(), 1, Form.CANONICAL);
              return operands ->
                  epilogue.forward(
                      operands.outputs().get(0), bias ? operands.inputs().get(2) : null, op.relu());
            });
  }

  /** dx [n, k] = dy [n, m] * weight [m, k]. */
  List<CudaWay> backwardData(OpCall call) {
    TensorSpec dy = call.inputs().get(0);
    Gemm gemm = gemm(dy.dim(0), call.inputs().get(1).dim(1), dy.dim(1), false, false);
    return way(call, gemm, new Factors(0, 1), Set.of(0), NOTHING);
  }

  /** dweight [m, k] = transpose(dy [n, m]) * x [n, k]. */
  List<CudaWay> backwardWeights(LinearBackwardWeights op, OpCall call) {
    TensorSpec dy = call.inputs().get(1);
    Gemm gemm = gemm(dy.dim(1), call.outputs().get(0).dim(1), dy.dim(0), true, false);
    return way(
        call,
        gemm,
        new Factors(1, 0),
        Set.of(0, 1),
        !op.bias()
            ? NOTHING
            : () -> {
              Epilogue epilogue = new Epilogue(device, gemm.inner(), gemm.rows(), 1, factors);
              return operands ->
                  epilogue.backward(operands.inputs().get(1), operands.outputs().get(1), null);
            });
  }

  private Gemm gemm(long rows, long columns, long inner, boolean a, boolean b) {
    return new Gemm(
        Math.toIntExact(rows),
        Math.toIntExact(columns),
        Math.toIntExact(inner),
        a,
        b,
        device.precision());
  }

  /** Which inputs of the call are multiplied. */
  private record Factors(int a, int b) {}

  /** What follows the product. */
  private interface Rest {
    void enqueue(Addresses operands);
  }

  /** Offers the product, with those inputs in the form of its factors as they come. */
  private List<CudaWay> way(
      OpCall call, Gemm gemm, Factors of, Set<Integer> ready, Supplier<Rest> rest) {
    List<Layout> inputs = new ArrayList<>();
    for (int i = 0; i < call.inputs().size(); i++) {
      inputs.add((ready.contains(i) ? factors : Form.CANONICAL).layout(call.inputs().get(i)));
    }
    List<Layout> outputs = call.outputs().stream().map(Form.CANONICAL::layout).toList();
    return List.of(
        new CudaWay(
            new Way(device.named("cublas"), inputs, outputs),
            () -> new Product(call, gemm, of, ready, rest)));
  }

  /** A product made ready; the scratch of cuBLAS is the device's. */
  private final class Product implements Work {
    private final Gemm gemm;
    private final Rest rest;
    private final Factor a;
    private final Factor b;

    Product(OpCall call, Gemm gemm, Factors of, Set<Integer> ready, Supplier<Rest> rest) {
      this.gemm = gemm;
      this.rest = rest.get();
      a = new Factor(call, of.a(), ready.contains(of.a()), 0);
      b = new Factor(call, of.b(), ready.contains(of.b()), device.aligned(a.bytes()));
    }

    @Override
    public long workspaceBytes() {
      return device.aligned(a.bytes()) + b.bytes();
    }

    @Override
    public boolean warmsUp() {
      return true;
    }

    @Override
    public void enqueue(Addresses operands) {
      blas.multiply(gemm, a.in(operands), b.in(operands), operands.output(0));
      rest.enqueue(operands);
    }

    @Override
    public void close() {}
  }

  /** An input as the product takes it. */
  private final class Factor {
    private final int input;
    private final long offset;

    /** Makes the copy; null where the input is what it should be. */
    private final KernelWork copying;

    private final long bytes;

    Factor(OpCall call, int input, boolean ready, long offset) {
      this.input = input;
      this.offset = offset;
      TensorSpec spec = call.inputs().get(input);
      boolean copied = factors != Form.CANONICAL && !ready;
      copying = copied ? KernelWork.reorder(device, spec, Form.CANONICAL, factors) : null;
      bytes = copied ? factors.layout(spec).bytes() : 0;
    }

    long bytes() {
      return bytes;
    }

    long in(Addresses operands) {
      if (copying == null) {
        return operands.input(input);
      }
      Memory copy = new Memory(operands.workspace().address() + offset, bytes);
      copying.enqueue(
          new Addresses(operands.inputs().subList(input, input + 1), List.of(copy), null));
      return copy.address();
    }
  }
}
