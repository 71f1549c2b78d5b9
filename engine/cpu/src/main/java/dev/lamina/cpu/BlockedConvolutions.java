package dev.lamina.cpu;

import static dev.lamina.cpu.Generated.canonical;
import static dev.lamina.cpu.Generated.layout;
import static dev.lamina.cpu.Generated.way;

import dev.lamina.cpu.jit.BlockedConvolution;
import dev.lamina.cpu.jit.GeneratedKernel;
import dev.lamina.cpu.onednn.OpenMp;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dAdd;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Convolutions in generated code on images in blocks of eight channels, oneDNN's own layouts, by
 * any number of threads. oneDNN's gradients of weights reach little more than half of what two
 * cores can do; these come near it.
 */
final class BlockedConvolutions {
  private static final String NAME = "avx2:blocked";
  private static final String IMAGE = "aBcd8b";

  private BlockedConvolutions() {}

  static List<CpuWay> forward(Conv2d op, OpCall call) {
    TensorSpec x = call.inputs().get(0);
    TensorSpec weight = call.inputs().get(1);
    TensorSpec y = call.outputs().get(0);
    boolean bias = call.inputs().size() == 3;
    Optional<BlockedConvolution> shape = shape(op.window(), op.groups(), x, y, bias);
    if (shape.isEmpty()) {
      return List.of();
    }
    List<Layout> inputs = new ArrayList<>(List.of(layout(IMAGE, x), layout("ABcd8b8a", weight)));
    if (bias) {
      inputs.add(canonical(call.inputs().get(2)));
    }
    return shared(
        call,
        inputs,
        List.of(layout(IMAGE, y)),
        () -> GeneratedKernel.blockedForward(shape.get(), false, op.relu()),
        buffers -> {
          long last = buffers.in().get(buffers.in().size() - 1).address();
          return new long[] {
            buffers.in().get(0).address(),
            buffers.in().get(1).address(),
            last,
            buffers.out().get(0).address(),
            0,
            0
          };
        });
  }

  static List<CpuWay> forwardAdd(Conv2dAdd op, OpCall call) {
    TensorSpec x = call.inputs().get(0);
    TensorSpec weight = call.inputs().get(1);
    TensorSpec y = call.outputs().get(0);
    Optional<BlockedConvolution> shape = shape(op.window(), op.groups(), x, y, true);
    if (shape.isEmpty()) {
      return List.of();
    }
    Layout bias = canonical(call.inputs().get(2));
    return shared(
        call,
        List.of(layout(IMAGE, x), layout("ABcd8b8a", weight), bias, layout(IMAGE, y)),
        List.of(layout(IMAGE, y)),
        () -> GeneratedKernel.blockedForward(shape.get(), true, op.relu()),
        buffers ->
            new long[] {
              buffers.in().get(0).address(),
              buffers.in().get(1).address(),
              buffers.in().get(2).address(),
              buffers.out().get(0).address(),
              buffers.in().get(3).address(),
              0
            });
  }

  static List<CpuWay> backwardData(Conv2dBackwardData op, OpCall call) {
    TensorSpec dy = call.inputs().get(0);
    TensorSpec weight = call.inputs().get(1);
    TensorSpec dx = call.outputs().get(0);
    Window w = op.window();
    Optional<BlockedConvolution> shape = shape(w, op.groups(), dx, dy, false);
    boolean pairs = dx.dim(1) % (2 * BlockedConvolution.BLOCK) == 0;
    boolean step = w.strideHeight() == 1 && w.strideWidth() == 1;
    boolean overlaps = w.padHeight() < w.height() && w.padWidth() < w.width();
    if (shape.isEmpty() || !pairs || !step || !overlaps) {
      return List.of();
    }
    return shared(
        call,
        List.of(layout(IMAGE, dy), layout("ABcd8a8b", weight)),
        List.of(layout(IMAGE, dx)),
        () -> GeneratedKernel.blockedData(shape.get()),
        buffers ->
            new long[] {
              buffers.in().get(0).address(),
              buffers.in().get(1).address(),
              0,
              buffers.out().get(0).address(),
              0,
              0
            });
  }

  static List<CpuWay> backwardWeights(Conv2dBackwardWeights op, OpCall call) {
    TensorSpec x = call.inputs().get(0);
    TensorSpec dy = call.inputs().get(1);
    Optional<BlockedConvolution> shape = shape(op.window(), op.groups(), x, dy, op.bias());
    if (shape.isEmpty()) {
      return List.of();
    }
    List<Layout> outputs = new ArrayList<>(List.of(layout("ABcd8b8a", call.outputs().get(0))));
    if (op.bias()) {
      outputs.add(canonical(call.outputs().get(1)));
    }
    return shared(
        call,
        List.of(layout(IMAGE, x), layout(IMAGE, dy)),
        outputs,
        () -> GeneratedKernel.blockedWeights(shape.get()),
        buffers ->
            new long[] {
              buffers.in().get(0).address(),
              buffers.in().get(1).address(),
              buffers.out().get(0).address(),
              buffers.out().get(buffers.out().size() - 1).address(),
              0
            });
  }

  /** Empty where there is no such code: groups, dilation, parts of blocks, very wide kernels. */
  private static Optional<BlockedConvolution> shape(
      Window w, int groups, TensorSpec x, TensorSpec y, boolean bias) {
    int block = BlockedConvolution.BLOCK;
    boolean plain = groups == 1 && w.dilationHeight() == 1 && w.dilationWidth() == 1;
    boolean whole = x.dim(1) % block == 0 && y.dim(1) % (2 * block) == 0;
    boolean small = Math.max(x.bytes(), y.bytes()) <= Integer.MAX_VALUE;
    if (!Generated.available()
        || !plain
        || !whole
        || !small
        || w.width() > BlockedConvolution.MOST_WIDTH) {
      return Optional.empty();
    }
    return Optional.of(
        new BlockedConvolution(
            x.shape().size(0),
            x.shape().size(1),
            x.shape().size(2),
            x.shape().size(3),
            w.height(),
            w.width(),
            w.strideHeight(),
            w.strideWidth(),
            w.padHeight(),
            w.padWidth(),
            y.shape().size(1),
            y.shape().size(2),
            y.shape().size(3),
            bias));
  }

  /** What a run is bound to. */
  private record Buffers(List<CpuBuffer> in, List<CpuBuffer> out) {}

  private static List<CpuWay> shared(
      OpCall call,
      List<Layout> inputs,
      List<Layout> outputs,
      Supplier<GeneratedKernel> code,
      Function<Buffers, long[]> addresses) {
    return List.of(
        way(
            call,
            NAME,
            inputs,
            outputs,
            () -> {
              // What the device has set for this call.
              int threads = OpenMp.threads();
              return Generated.kernel(
                  code.get(),
                  (kernel, in, out, scratch) -> {
                    GeneratedKernel.Arguments arguments =
                        kernel.arguments(addresses.apply(new Buffers(in, out)));
                    return () -> arguments.share(threads);
                  });
            }));
  }
}
