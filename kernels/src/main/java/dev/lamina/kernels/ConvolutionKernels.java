package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.device.OpCall;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;

/** The three convolutions, for GPUs as matrix products over images that are never unfolded. */
final class ConvolutionKernels {
  private ConvolutionKernels() {}

  static KernelWay forward(Conv2d op, OpCall call, KernelTarget target) {
    TensorSpec y = call.outputs().get(0);
    Geometry geometry = new Geometry(op.window(), op.groups(), call.inputs().get(0), y);
    CallBuilder builder = new CallBuilder(call, target);
    KernelArgument bias = call.inputs().size() == 3 ? in(2) : null;
    long area = op.window().area();
    long taps = geometry.channels() * area;
    Product product =
        product(builder, geometry, Product.Kind.FORWARD, geometry.filters(), y, taps)
            .a(geometry.filters() * taps, taps, area, geometry.channels(), op.window().width())
            .relu(op.relu());
    if (points(builder, target, geometry)) {
      return builder.way(
          ConvolutionPoints.launch(builder, geometry, false, product, bias, op.relu()));
    }
    if (winograd(builder, target, geometry, ConvolutionWinograd.gains(geometry))) {
      return builder.way(ConvolutionWinograd.launch(builder, geometry, false, bias, op.relu()));
    }
    if (blocks(builder, target, ConvolutionBlocks.suits(geometry, false))) {
      return builder.way(ConvolutionBlocks.launch(builder, geometry, false, bias, op.relu()));
    }
    if (bias != null) {
      product.biasByRow(bias);
    }
    return builder.way(
        target.panels()
            ? ConvolutionPanels.forward(builder, geometry, product)
            : product.tiles(in(1), in(0), out(0), false));
  }

  static KernelWay backwardData(Conv2dBackwardData op, OpCall call, KernelTarget target) {
    TensorSpec dx = call.outputs().get(0);
    Geometry geometry = new Geometry(op.window(), op.groups(), dx, call.inputs().get(0));
    CallBuilder builder = new CallBuilder(call, target);
    long area = op.window().area();
    long channels = geometry.channels();
    long taps = geometry.filters() * area;
    Product product =
        product(builder, geometry, Product.Kind.BACKWARD_DATA, channels, dx, taps)
            .a(channels * taps, area, channels * area, geometry.filters(), op.window().width());
    if (points(builder, target, geometry)) {
      return builder.way(ConvolutionPoints.launch(builder, geometry, true, product, null, false));
    }
    if (winograd(builder, target, geometry, ConvolutionWinograd.gains(geometry))) {
      return builder.way(ConvolutionWinograd.launch(builder, geometry, true, null, false));
    }
    if (blocks(builder, target, ConvolutionBlocks.suits(geometry, true))) {
      return builder.way(ConvolutionBlocks.launch(builder, geometry, true, null, false));
    }
    return builder.way(
        target.panels()
            ? ConvolutionPanels.backwardData(builder, geometry, product)
            : product.tiles(in(1), in(0), out(0), false));
  }

  static KernelWay backwardWeights(Conv2dBackwardWeights op, OpCall call, KernelTarget target) {
    TensorSpec dy = call.inputs().get(1);
    Geometry geometry = new Geometry(op.window(), op.groups(), call.inputs().get(0), dy);
    CallBuilder builder = new CallBuilder(call, target);
    if (target.panels() && ConvolutionPatches.suits(geometry) && builder.flag("conv.patches")) {
      return builder.way(ConvolutionPatches.weights(builder, geometry, op.bias()));
    }
    if (winograd(builder, target, geometry, ConvolutionWinograd.gainsWeights(geometry))) {
      return builder.way(ConvolutionWinograd.weights(builder, geometry, op.bias()));
    }
    if (target.panels()) {
      return builder.way(
          blocks(builder, target, ConvolutionBlocks.suitsWeights(geometry))
              ? ConvolutionBlocks.weights(builder, geometry, op.bias())
              : ConvolutionPanels.backwardWeights(builder, geometry, op.bias()));
    }
    long taps = geometry.channels() * op.window().area();
    long positions = Geometry.positions(dy);
    String name =
        new Product(builder, Product.Kind.BACKWARD_WEIGHTS, geometry.filters(), taps, positions)
            .window(geometry.argument(builder), op.groups())
            .tiles(in(1), in(0), out(0), true);
    if (op.bias()) {
      MatrixKernels.bias(builder, dy, dy.dim(2) * dy.dim(3));
    }
    return builder.way(name);
  }

  private static boolean points(CallBuilder builder, KernelTarget target, Geometry geometry) {
    return target.panels() && ConvolutionPoints.suits(geometry) && builder.flag("conv.points");
  }

  private static boolean winograd(
      CallBuilder builder, KernelTarget target, Geometry geometry, boolean usual) {
    return target.panels()
        && ConvolutionWinograd.suits(geometry)
        && builder.flag("conv.winograd", usual && builder.usual("conv.winograd") != 0);
  }

  /** What suits is usual, and can be done by panels all the same. */
  private static boolean blocks(CallBuilder builder, KernelTarget target, boolean suits) {
    return target.panels() && suits && builder.flag("conv.blocks");
  }

  /** Returns the product whose columns are the positions of c. */
  private static Product product(
      CallBuilder builder,
      Geometry geometry,
      Product.Kind kind,
      long rows,
      TensorSpec c,
      long taps) {
    return new Product(builder, kind, rows, Geometry.positions(c), taps)
        .window(geometry.argument(builder), geometry.groups());
  }

  /** What a convolution slides over what: x [n, c, h, w] and y [n, f, oh, ow]. */
  record Geometry(Window window, int groups, TensorSpec x, TensorSpec y) {
    /** Returns the channels of a group. */
    long channels() {
      return x.dim(1) / groups;
    }

    /** Returns the filters of a group. */
    long filters() {
      return y.dim(1) / groups;
    }

    /** Returns the window as kernels take it; where in an image they look must be countable. */
    KernelArgument argument(CallBuilder builder) {
      builder.count(x.elements());
      builder.count(y.elements());
      return WindowArgument.of(builder, window, x, y, groups, channels(), filters());
    }

    static long positions(TensorSpec images) {
      return images.dim(0) * images.dim(2) * images.dim(3);
    }
  }
}
