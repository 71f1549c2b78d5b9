package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.device.OpCall;
import dev.lamina.op.AvgPool2d;
import dev.lamina.op.AvgPool2dBackward;
import dev.lamina.op.BatchNorm2d;
import dev.lamina.op.BatchNorm2dInference;
import dev.lamina.op.MaxPool2d;
import dev.lamina.op.MaxPool2dBackward;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import java.util.HashMap;
import java.util.Map;

/** Poolings and batch normalisation of images whose channels run fastest. */
final class LastKernels {
  /** Channels and work-items of a group; norm_last.cl says so too. */
  private static final int TILE = 32;

  private static final int ROWS_GROUP = 256;

  /** Rows that are worth a group of their own: each of its lanes takes 16. */
  private static final int LEAST_ROWS = 128;

  /** Each group adds up all slices of its channels, so more of them cost more than they bring. */
  private static final int MOST_SLICES = 128;

  private LastKernels() {}

  static KernelWay max(MaxPool2d op, OpCall call, KernelTarget target) {
    CallBuilder builder = CallBuilder.ofImages(call, target);
    TensorSpec x = call.inputs().get(0);
    TensorSpec y = call.outputs().get(0);
    int count = builder.count(y.elements());
    return builder
        .elements(
            pooling(builder, op.window()),
            "max_pool_last_forward",
            count,
            in(0),
            out(0),
            // Without saved positions nothing is written to the third buffer.
            op.saved() ? out(1) : out(0),
            channels(x),
            of(count),
            of(op.saved()),
            WindowArgument.of(builder, op.window(), x, y))
        .way("windows");
  }

  static KernelWay maxBackward(MaxPool2dBackward op, OpCall call, KernelTarget target) {
    CallBuilder builder = CallBuilder.ofImages(call, target);
    TensorSpec dx = call.outputs().get(0);
    int count = builder.count(dx.elements());
    return builder
        .elements(
            pooling(builder, op.window()),
            "max_pool_last_backward",
            count,
            in(0),
            in(1),
            out(0),
            channels(dx),
            of(count),
            WindowArgument.of(builder, op.window(), dx, call.inputs().get(0)))
        .way("windows", 1);
  }

  static KernelWay average(AvgPool2d op, OpCall call, KernelTarget target) {
    CallBuilder builder = CallBuilder.ofImages(call, target);
    TensorSpec x = call.inputs().get(0);
    TensorSpec y = call.outputs().get(0);
    int count = builder.count(y.elements());
    return builder
        .elements(
            pooling(builder, op.window()),
            "avg_pool_last_forward",
            count,
            in(0),
            out(0),
            channels(x),
            of(count),
            of(op.countPadding()),
            WindowArgument.of(builder, op.window(), x, y))
        .way("windows");
  }

  static KernelWay averageBackward(AvgPool2dBackward op, OpCall call, KernelTarget target) {
    CallBuilder builder = CallBuilder.ofImages(call, target);
    TensorSpec dx = call.outputs().get(0);
    int count = builder.count(dx.elements());
    return builder
        .elements(
            pooling(builder, op.window()),
            "avg_pool_last_backward",
            count,
            in(0),
            out(0),
            channels(dx),
            of(count),
            of(op.countPadding()),
            WindowArgument.of(builder, op.window(), dx, call.inputs().get(0)))
        .way("windows");
  }

  private static KernelArgument channels(TensorSpec x) {
    return of(Math.toIntExact(x.dim(1)));
  }

  private static KernelSource pooling(CallBuilder builder, Window window) {
    Map<String, String> defines = new HashMap<>();
    defines.put("WHERE", window.area() > 256 ? "int" : "u8");
    return builder.program(defines, "elements.cl", "stored.cl", "window.cl", "pooling_last.cl");
  }

  /** How the rows of an image are shared among groups. */
  private record Shares(int rows, int channels, int slices, int groups) {
    static Shares of(CallBuilder builder, TensorSpec x) {
      builder.count(x.elements());
      int channels = Math.toIntExact(x.dim(1));
      int rows = Math.toIntExact(x.elements() / channels);
      int tiles = (channels + TILE - 1) / TILE;
      int wanted = Math.max(1, builder.shares() / tiles);
      int slices = Math.min(Math.min(wanted, MOST_SLICES), (rows - 1) / LEAST_ROWS + 1);
      return new Shares(rows, channels, slices, slices * tiles);
    }
  }

  static KernelWay normalize(BatchNorm2d op, OpCall call, KernelTarget target) {
    CallBuilder builder = CallBuilder.ofImages(call, target);
    Shares x = Shares.of(builder, call.inputs().get(0));
    KernelSource source = norm(builder);
    KernelArgument sums = builder.scratch((long) x.slices * x.channels);
    KernelArgument squares = builder.scratch((long) x.slices * x.channels);
    builder.launch(
        source,
        "batch_norm_last_sums",
        x.groups,
        ROWS_GROUP,
        in(0),
        sums,
        of(x.rows),
        of(x.channels),
        of(x.slices));
    builder.launch(
        source,
        "batch_norm_last_squares",
        x.groups,
        ROWS_GROUP,
        in(0),
        sums,
        squares,
        of(x.rows),
        of(x.channels),
        of(x.slices));
    builder.launch(
        source,
        "batch_norm_last_forward",
        x.groups,
        ROWS_GROUP,
        in(0),
        in(1),
        in(2),
        in(3),
        in(4),
        sums,
        squares,
        out(0),
        out(1),
        of(x.rows),
        of(x.channels),
        of(x.slices),
        of(op.epsilon()),
        of(op.momentum()));
    return builder.way("rows");
  }

  static KernelWay normalizeBackward(OpCall call, KernelTarget target) {
    CallBuilder builder = CallBuilder.ofImages(call, target);
    Shares x = Shares.of(builder, call.inputs().get(1));
    KernelSource source = norm(builder);
    KernelArgument shifts = builder.scratch((long) x.slices * x.channels);
    KernelArgument scales = builder.scratch((long) x.slices * x.channels);
    builder.launch(
        source,
        "batch_norm_last_gradients",
        x.groups,
        ROWS_GROUP,
        in(0),
        in(1),
        in(3),
        shifts,
        scales,
        of(x.rows),
        of(x.channels),
        of(x.slices));
    builder.launch(
        source,
        "batch_norm_last_backward",
        x.groups,
        ROWS_GROUP,
        in(0),
        in(1),
        in(2),
        in(3),
        shifts,
        scales,
        out(0),
        out(1),
        out(2),
        of(x.rows),
        of(x.channels),
        of(x.slices));
    return builder.way("rows", 3);
  }

  static KernelWay normalizeInference(BatchNorm2dInference op, OpCall call, KernelTarget target) {
    CallBuilder builder = CallBuilder.ofImages(call, target);
    TensorSpec x = call.inputs().get(0);
    int count = builder.count(x.elements());
    return builder
        .elements(
            norm(builder),
            "batch_norm_last_inference",
            count,
            in(0),
            in(1),
            in(2),
            in(3),
            in(4),
            out(0),
            channels(x),
            of(count),
            of(op.epsilon()))
        .way("elements");
  }

  private static KernelSource norm(CallBuilder builder) {
    return builder.program("elements.cl", "stored.cl", "norm_last.cl");
  }
}
