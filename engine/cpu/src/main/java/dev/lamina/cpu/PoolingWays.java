package dev.lamina.cpu;

import dev.lamina.cpu.PrimitiveWays.Operand;
import dev.lamina.cpu.onednn.Arg;
import dev.lamina.cpu.onednn.MemoryDesc;
import dev.lamina.cpu.onednn.Pooling;
import dev.lamina.cpu.onednn.PrimitiveDesc;
import dev.lamina.cpu.onednn.Window;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.op.AvgPool2d;
import dev.lamina.op.AvgPool2dBackward;
import dev.lamina.op.MaxPool2d;
import dev.lamina.op.MaxPool2dBackward;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/** Poolings on oneDNN; input and output have the same layout. */
final class PoolingWays {
  private PoolingWays() {}

  static List<CpuWay> max(MaxPool2d op, OpCall call, Asked asked) {
    TensorSpec x = call.inputs().get(0);
    TensorSpec y = call.outputs().get(0);
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    List<Operand> outputs =
        op.saved()
            ? List.of(Operand.of(Arg.DST, y), Operand.of(Arg.WORKSPACE, call.outputs().get(1)))
            : List.of(Operand.of(Arg.DST, y));
    for (String tag : Forms.images()) {
      ways.offer(
          () -> forward(Pooling.Kind.MAX, op.saved(), op.window(), tag, x, y),
          List.of(Operand.of(Arg.SRC, x)),
          outputs);
    }
    return ways.all();
  }

  static List<CpuWay> maxBackward(MaxPool2dBackward op, OpCall call, Asked asked) {
    TensorSpec dx = call.outputs().get(0);
    TensorSpec dy = call.inputs().get(0);
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    for (String tag : Forms.images()) {
      ways.offer(
          () -> backward(Pooling.Kind.MAX, op.window(), tag, dx, dy),
          List.of(Operand.of(Arg.DIFF_DST, dy), Operand.of(Arg.WORKSPACE, call.inputs().get(1))),
          List.of(Operand.of(Arg.DIFF_SRC, dx)));
    }
    return ways.all();
  }

  static List<CpuWay> average(AvgPool2d op, OpCall call, Asked asked) {
    TensorSpec x = call.inputs().get(0);
    TensorSpec y = call.outputs().get(0);
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    for (String tag : Forms.images()) {
      ways.offer(
          () -> forward(kind(op.countPadding()), true, op.window(), tag, x, y),
          List.of(Operand.of(Arg.SRC, x)),
          List.of(Operand.of(Arg.DST, y)));
    }
    return ways.all();
  }

  static List<CpuWay> averageBackward(AvgPool2dBackward op, OpCall call, Asked asked) {
    TensorSpec dx = call.outputs().get(0);
    TensorSpec dy = call.inputs().get(0);
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    for (String tag : Forms.images()) {
      ways.offer(
          () -> backward(kind(op.countPadding()), op.window(), tag, dx, dy),
          List.of(Operand.of(Arg.DIFF_DST, dy)),
          List.of(Operand.of(Arg.DIFF_SRC, dx)));
    }
    return ways.all();
  }

  private static Pooling.Kind kind(boolean countPadding) {
    return countPadding ? Pooling.Kind.AVERAGE_ALL : Pooling.Kind.AVERAGE_INSIDE;
  }

  private static PrimitiveDesc forward(
      Pooling.Kind kind,
      boolean training,
      dev.lamina.op.Window window,
      String tag,
      TensorSpec x,
      TensorSpec y) {
    return Pooling.forward(
        kind, training, desc(tag, x), desc(tag, y), kernel(window), window(window));
  }

  private static PrimitiveDesc backward(
      Pooling.Kind kind, dev.lamina.op.Window window, String tag, TensorSpec dx, TensorSpec dy) {
    return Pooling.backward(kind, desc(tag, dx), desc(tag, dy), kernel(window), window(window));
  }

  private static MemoryDesc desc(String tag, TensorSpec spec) {
    return MemoryDesc.of(tag, spec.shape().dims());
  }

  private static long[] kernel(dev.lamina.op.Window window) {
    return new long[] {window.height(), window.width()};
  }

  /** The layout of the winners' positions, which only the backward primitive reads. */
  static Layout winners(PrimitiveDesc pooling, MemoryDesc workspace) {
    MemoryDesc forward = pooling.desc(Arg.DST);
    MemoryDesc pooled = forward == null ? pooling.desc(Arg.DIFF_DST) : forward;
    return winners(pooled.tag(), workspace.bytes());
  }

  static Layout winners(String tag, long bytes) {
    return new Layout(Layout.PRIVATE + "winners-" + tag, bytes);
  }

  /** The window as oneDNN wants it. */
  static Window window(dev.lamina.op.Window w) {
    long[] pad = {w.padHeight(), w.padWidth()};
    return new Window(
        new long[] {w.strideHeight(), w.strideWidth()},
        new long[] {w.dilationHeight(), w.dilationWidth()},
        pad,
        pad);
  }
}
