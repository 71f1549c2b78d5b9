package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.device.OpCall;
import dev.lamina.op.Linear;
import dev.lamina.op.LinearBackwardWeights;
import dev.lamina.op.MatMul;
import dev.lamina.tensor.TensorSpec;

/** Matrix products and the fully connected layer. */
final class MatrixKernels {
  private MatrixKernels() {}

  static KernelWay product(MatMul op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    TensorSpec c = call.outputs().get(0);
    long rows = c.dim(0);
    long columns = c.dim(1);
    long inner = call.inputs().get(0).elements() / rows;
    Product product = new Product(builder, Product.Kind.DENSE, rows, columns, inner);
    if (op.transposeA()) {
      product.a(1, rows);
    } else {
      product.a(inner, 1);
    }
    if (op.transposeB()) {
      product.b(1, inner);
    } else {
      product.b(columns, 1);
    }
    return builder.way(launch(product, target, 0, 1));
  }

  /** y [n, m] = x [n, k] * transpose(weight [m, k]) + bias. */
  static KernelWay linear(Linear op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    TensorSpec weight = call.inputs().get(1);
    long features = weight.dim(1);
    long rows = call.inputs().get(0).dim(0);
    Product product =
        new Product(builder, Product.Kind.DENSE, rows, weight.dim(0), features)
            .a(features, 1)
            .b(1, features)
            .relu(op.relu());
    if (call.inputs().size() == 3) {
      product.biasByColumn(in(2));
    }
    return builder.way(launch(product, target, 0, 1));
  }

  /** dx [n, k] = dy [n, m] * weight [m, k]. */
  static KernelWay backwardData(OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    TensorSpec dy = call.inputs().get(0);
    long units = dy.dim(1);
    long features = call.inputs().get(1).dim(1);
    Product product =
        new Product(builder, Product.Kind.DENSE, dy.dim(0), features, units)
            .a(units, 1)
            .b(features, 1);
    return builder.way(launch(product, target, 0, 1));
  }

  /** dweight [m, k] = transpose(dy [n, m]) * x [n, k]. */
  static KernelWay backwardWeights(LinearBackwardWeights op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    TensorSpec dy = call.inputs().get(1);
    long rows = dy.dim(0);
    long units = dy.dim(1);
    long features = call.outputs().get(0).dim(1);
    Product product =
        new Product(builder, Product.Kind.DENSE, units, features, rows).a(1, units).b(features, 1);
    if (target.panels() && product.rows()) {
      return builder.way(product.rows(in(1), in(0), out(0), op.bias() ? out(1) : null));
    }
    String name = launch(product, target, 1, 0);
    if (op.bias()) {
      bias(builder, dy, 1);
    }
    return builder.way(name);
  }

  private static String launch(Product product, KernelTarget target, int a, int b) {
    return target.panels()
        ? product.panels(in(a), in(b), out(0))
        : product.tiles(in(a), in(b), out(0), false);
  }

  /** Sums dy, the second input, over rows and plane to the second output. */
  static void bias(CallBuilder builder, TensorSpec dy, long plane) {
    int samples = builder.count(dy.dim(0));
    int channels = builder.count(dy.dim(1));
    builder.count(dy.elements());
    builder.channels(
        Product.sums(builder),
        "bias_backward",
        channels,
        in(1),
        out(1),
        of(samples),
        of(channels),
        of(builder.count(plane)));
  }
}
