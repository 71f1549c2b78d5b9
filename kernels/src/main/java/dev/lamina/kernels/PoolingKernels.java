package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.op.AvgPool2d;
import dev.lamina.op.AvgPool2dBackward;
import dev.lamina.op.MaxPool2d;
import dev.lamina.op.MaxPool2dBackward;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Poolings. */
final class PoolingKernels {
  private PoolingKernels() {}

  static KernelWay max(MaxPool2d op, OpCall call, KernelTarget target) {
    TensorSpec x = call.inputs().get(0);
    TensorSpec y = call.outputs().get(0);
    CallBuilder builder = new CallBuilder(call, target);
    return builder
        .elements(
            source(builder, target, op.window()),
            "max_pool_forward",
            builder.count(y.elements()),
            in(0),
            out(0),
            // Without saved positions nothing is written to the third buffer.
            op.saved() ? out(1) : out(0),
            planes(x),
            of(op.saved()),
            WindowArgument.of(builder, op.window(), x, y))
        .way("windows");
  }

  static KernelWay maxBackward(MaxPool2dBackward op, OpCall call, KernelTarget target) {
    TensorSpec dx = call.outputs().get(0);
    TensorSpec dy = call.inputs().get(0);
    CallBuilder builder = new CallBuilder(call, target);
    return builder
        .elements(
            source(builder, target, op.window()),
            "max_pool_backward",
            builder.count(dx.elements()),
            in(0),
            in(1),
            out(0),
            planes(dx),
            WindowArgument.of(builder, op.window(), dx, dy))
        .way("windows", 1);
  }

  /**
   * The way of {@link #maxBackward} that leaves its result as {@link ConvolutionPooled} takes it.
   */
  static KernelWay winners(MaxPool2dBackward op, OpCall call, KernelTarget target) {
    TensorSpec dy = call.inputs().get(0);
    CallBuilder builder = new CallBuilder(call, target);
    KernelSource source = source(builder, target, op.window());
    // As many bytes follow the values, and what is read is counted in values.
    int count = builder.count(2 * dy.elements()) / 2;
    builder.elements(source, "keep_winners", count, in(0), in(1), out(0), of(count));
    Way whole = builder.way(ConvolutionPooled.NAME, 1).offered();
    Layout winners = ConvolutionPooled.layout(call.outputs().get(0));
    return builder.way(new Way(ConvolutionPooled.NAME, whole.inputs(), List.of(winners)));
  }

  static KernelWay average(AvgPool2d op, OpCall call, KernelTarget target) {
    TensorSpec x = call.inputs().get(0);
    TensorSpec y = call.outputs().get(0);
    CallBuilder builder = new CallBuilder(call, target);
    KernelSource source = source(builder, target, op.window());
    int count = builder.count(y.elements());
    return builder
        .elements(
            source,
            "avg_pool_forward",
            count,
            in(0),
            out(0),
            planes(x),
            of(op.countPadding()),
            WindowArgument.of(builder, op.window(), x, y))
        .way("windows");
  }

  static KernelWay averageBackward(AvgPool2dBackward op, OpCall call, KernelTarget target) {
    TensorSpec dx = call.outputs().get(0);
    TensorSpec dy = call.inputs().get(0);
    CallBuilder builder = new CallBuilder(call, target);
    KernelSource source = source(builder, target, op.window());
    int count = builder.count(dx.elements());
    return builder
        .elements(
            source,
            "avg_pool_backward",
            count,
            in(0),
            out(0),
            planes(dx),
            of(op.countPadding()),
            WindowArgument.of(builder, op.window(), dx, dy))
        .way("windows");
  }

  private static KernelArgument planes(TensorSpec x) {
    return of(Math.toIntExact(x.dim(0) * x.dim(1)));
  }

  private static KernelSource source(CallBuilder builder, KernelTarget target, Window window) {
    Map<String, String> defines = new HashMap<>();
    boolean wide = window.area() > 256;
    defines.put("WHERE", wide ? "int" : "u8");
    if (!target.panels()) {
      return builder.program(defines, "elements.cl", "window.cl", "pooling.cl");
    }
    if (wide) {
      defines.put("WIDE", "1");
    }
    return builder.program(defines, "elements.cl", "window.cl", "pooling.cl", "pooling.opencl.cl");
  }
}
