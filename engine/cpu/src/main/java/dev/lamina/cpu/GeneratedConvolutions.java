package dev.lamina.cpu;

import static dev.lamina.cpu.Generated.available;
import static dev.lamina.cpu.Generated.canonical;
import static dev.lamina.cpu.Generated.kernel;
import static dev.lamina.cpu.Generated.layout;
import static dev.lamina.cpu.Generated.way;

import dev.lamina.cpu.Pooled.Pixels;
import dev.lamina.cpu.jit.DirectConvolution;
import dev.lamina.cpu.jit.GeneratedKernel;
import dev.lamina.cpu.jit.PooledConvolution;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.MaxPool2d;
import dev.lamina.op.MaxPool2dBackward;
import dev.lamina.op.Window;
import dev.lamina.tensor.Shape;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Convolutions in generated code, for what oneDNN does not do well: images of few channels, and
 * gradients that come out of a max-pooling and are zero in three places of four.
 */
final class GeneratedConvolutions {
  /** Weights of a filter's row, or vectors of a filter, beyond which code grows too long. */
  private static final int MOST_UNROLLED = 64;

  private static final int VECTOR = 8;

  private GeneratedConvolutions() {}

  static List<CpuWay> forward(Conv2d op, OpCall call) {
    TensorSpec x = call.inputs().get(0);
    TensorSpec weight = call.inputs().get(1);
    TensorSpec y = call.outputs().get(0);
    Window w = op.window();
    List<CpuWay> ways = new ArrayList<>();
    boolean fits = simple(w, op.groups()) && w.width() * x.dim(1) <= MOST_UNROLLED;
    boolean whole = y.dim(1) < VECTOR || y.dim(1) % VECTOR == 0;
    boolean small = Math.max(x.bytes(), y.bytes()) * VECTOR <= Integer.MAX_VALUE;
    if (!available() || !fits || !whole || !small) {
      return ways;
    }
    Pixels out =
        y.dim(1) < VECTOR ? new Pixels("aBcd8b", VECTOR) : new Pixels("acdb", y.shape().size(1));
    boolean bias = call.inputs().size() == 3;
    for (Pixels in : Pixels.of(x.dim(1))) {
      List<Layout> inputs = new ArrayList<>(List.of(in.layout(x), layout("Acdb8a", weight)));
      if (bias) {
        inputs.add(canonical(call.inputs().get(2)));
      }
      DirectConvolution plain = shape(op, x, y, in, out, bias, 0, 0);
      ways.add(
          way(
              call,
              "avx2:direct",
              inputs,
              List.of(out.layout(y)),
              () -> kernel(GeneratedKernel.forward(plain), bindForward(0))));
      for (Pooled pooled : Pooled.usual(y.shape())) {
        Window window = pooled.window();
        boolean apart =
            window.strideHeight() == window.height() && window.strideWidth() == window.width();
        if (apart && pooled.pixels().equals(out)) {
          DirectConvolution shape = shape(op, x, y, in, out, bias, window.height(), window.width());
          ways.add(
              way(
                  call,
                  "avx2:direct",
                  inputs,
                  List.of(pooled.layout()),
                  () ->
                      kernel(
                          GeneratedKernel.forward(shape), bindForward(pooled.positionOffset()))));
        }
      }
    }
    return ways;
  }

  private static DirectConvolution shape(
      Conv2d op,
      TensorSpec x,
      TensorSpec y,
      Pixels in,
      Pixels out,
      boolean bias,
      int windowHeight,
      int windowWidth) {
    Window w = op.window();
    return new DirectConvolution(
        x.shape().size(0),
        x.shape().size(2),
        x.shape().size(3),
        x.shape().size(1),
        in.pitch(),
        w.height(),
        w.width(),
        w.strideHeight(),
        w.strideWidth(),
        w.padHeight(),
        w.padWidth(),
        y.shape().size(1),
        out.pitch(),
        bias,
        op.relu(),
        windowHeight,
        windowWidth);
  }

  private static Generated.Binding bindForward(long positionOffset) {
    return (kernel, in, out, scratch) -> {
      long bias = in.get(in.size() - 1).address();
      long result = out.get(0).address();
      return kernel.bind(
          in.get(0).address(), in.get(1).address(), bias, result, scratch, result + positionOffset);
    };
  }

  static List<CpuWay> backwardWeights(Conv2dBackwardWeights op, OpCall call) {
    TensorSpec x = call.inputs().get(0);
    TensorSpec dy = call.inputs().get(1);
    List<CpuWay> ways = new ArrayList<>();
    // The bias's gradient comes with the weights'.
    if (!available() || !op.bias() || !simple(op.window(), op.groups())) {
      return ways;
    }
    TensorSpec weight = call.outputs().get(0);
    for (Pixels pixels : Pixels.of(x.dim(1))) {
      for (Pooled pooled : Pooled.usual(dy.shape())) {
        PooledConvolution shape = shape(op.window(), x.shape(), pixels, pooled);
        if (fits(shape)) {
          ways.add(
              way(
                  call,
                  "avx2:pooled",
                  List.of(pixels.layout(x), pooled.layout()),
                  List.of(layout(pixels.tag(), weight), canonical(call.outputs().get(1))),
                  () ->
                      kernel(
                          GeneratedKernel.pooledWeights(shape),
                          (kernel, in, out, scratch) ->
                              kernel.bind(
                                  in.get(0).address(),
                                  in.get(1).address(),
                                  in.get(1).address() + pooled.positionOffset(),
                                  out.get(0).address(),
                                  out.get(1).address(),
                                  scratch))));
        }
      }
    }
    return ways;
  }

  static List<CpuWay> backwardData(Conv2dBackwardData op, OpCall call) {
    TensorSpec dy = call.inputs().get(0);
    TensorSpec weight = call.inputs().get(1);
    TensorSpec dx = call.outputs().get(0);
    List<CpuWay> ways = new ArrayList<>();
    if (!available() || !simple(op.window(), op.groups())) {
      return ways;
    }
    for (Pixels pixels : Pixels.of(dx.dim(1))) {
      for (Pooled pooled : Pooled.usual(dy.shape())) {
        PooledConvolution shape = shape(op.window(), dx.shape(), pixels, pooled);
        if (fits(shape)) {
          ways.add(
              way(
                  call,
                  "avx2:pooled",
                  List.of(pooled.layout(), layout(pixels.tag(), weight)),
                  List.of(pixels.layout(dx)),
                  () ->
                      kernel(
                          GeneratedKernel.pooledData(shape),
                          (kernel, in, out, scratch) ->
                              kernel.bind(
                                  in.get(0).address(),
                                  in.get(0).address() + pooled.positionOffset(),
                                  in.get(1).address(),
                                  out.get(0).address(),
                                  scratch))));
        }
      }
    }
    return ways;
  }

  /** The pooling of what a convolution has already pooled. */
  static List<CpuWay> pooling(MaxPool2d op, OpCall call) {
    List<CpuWay> ways = new ArrayList<>();
    if (available()) {
      for (Pooled pooled : Pooled.of(op.window(), call.inputs().get(0).shape())) {
        List<Layout> outputs =
            op.saved()
                ? List.of(pooled.valueLayout(), pooled.positionLayout())
                : List.of(pooled.valueLayout());
        ways.add(
            way(
                call,
                "pooled",
                List.of(pooled.layout()),
                outputs,
                () -> (in, out, workspace) -> bindUnpacking(pooled, in.get(0), out)));
      }
    }
    return ways;
  }

  private static Runnable bindUnpacking(Pooled pooled, CpuBuffer in, List<CpuBuffer> out) {
    List<Runnable> copies = new ArrayList<>();
    copies.add(copy(in, 0, out.get(0), 0, out.get(0).bytes()));
    if (out.size() > 1) {
      copies.add(copy(in, pooled.positionOffset(), out.get(1), 0, out.get(1).bytes()));
    }
    return () -> copies.forEach(Runnable::run);
  }

  /** The pooling's backward pass that leaves its result in short form. */
  static List<CpuWay> poolingBackward(MaxPool2dBackward op, OpCall call) {
    List<CpuWay> ways = new ArrayList<>();
    if (available()) {
      for (Pooled pooled : Pooled.of(op.window(), op.input())) {
        ways.add(
            way(
                call,
                "pooled",
                List.of(pooled.valueLayout(), pooled.positionLayout()),
                List.of(pooled.layout()),
                () -> (in, out, workspace) -> bindPacking(pooled, in, out.get(0))));
      }
    }
    return ways;
  }

  private static Runnable bindPacking(Pooled pooled, List<CpuBuffer> in, CpuBuffer out) {
    Runnable values = copy(in.get(0), 0, out, 0, in.get(0).bytes());
    Runnable positions = copy(in.get(1), 0, out, pooled.positionOffset(), in.get(1).bytes());
    return () -> {
      values.run();
      positions.run();
    };
  }

  private static Runnable copy(
      CpuBuffer from, long fromOffset, CpuBuffer to, long toOffset, long bytes) {
    ByteBuffer source = from.slice(fromOffset, bytes).view();
    ByteBuffer target = to.slice(toOffset, bytes).view();
    return () -> target.put(0, source, 0, target.capacity());
  }

  private static boolean simple(Window w, int groups) {
    return groups == 1 && w.dilationHeight() == 1 && w.dilationWidth() == 1;
  }

  private static boolean fits(PooledConvolution shape) {
    int vectors = (shape.run() + VECTOR - 1) / VECTOR * shape.kernelHeight();
    return vectors <= MOST_UNROLLED && shape.largest() <= Integer.MAX_VALUE;
  }

  private static PooledConvolution shape(Window w, Shape x, Pixels pixels, Pooled pooled) {
    Window window = pooled.window();
    return new PooledConvolution(
        x.size(0),
        x.size(2),
        x.size(3),
        pixels.pitch(),
        w.height(),
        w.width(),
        w.strideHeight(),
        w.strideWidth(),
        w.padHeight(),
        w.padWidth(),
        pooled.shape().size(1),
        pooled.pixels().pitch(),
        window.height(),
        window.width(),
        window.strideHeight(),
        window.strideWidth());
  }
}
