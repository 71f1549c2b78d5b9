package dev.lamina.cpu;

import dev.lamina.cpu.Pooled.Pixels;
import dev.lamina.cpu.jit.DirectConvolution;
import dev.lamina.cpu.jit.GeneratedKernel;
import dev.lamina.cpu.jit.NativeCode;
import dev.lamina.cpu.jit.PooledConvolution;
import dev.lamina.cpu.onednn.MemoryDesc;
import dev.lamina.device.Layout;
import dev.lamina.device.Layouts;
import dev.lamina.device.OpCall;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.MaxPool2dBackward;
import dev.lamina.op.Window;
import dev.lamina.tensor.Shape;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Convolutions in generated code, for what oneDNN does not do well: images of few channels, and
 * gradients that come out of a max-pooling and are zero in three places of four.
 */
final class GeneratedWays {
  /** Weights of a filter's row, or vectors of a filter, beyond which code grows too long. */
  private static final int MOST_UNROLLED = 64;

  private static final int VECTOR = 8;

  /** Grows whenever generated code changes, since choices measured before no longer hold. */
  private static final int VERSION = 1;

  private GeneratedWays() {}

  /** What generated code there is, as shown to users and kept with choices. */
  static String version() {
    return available() ? "avx2 v" + VERSION : "none";
  }

  private static boolean available() {
    return NativeCode.unsupported().isEmpty();
  }

  static List<Way> forward(Conv2d op, OpCall call) {
    TensorSpec x = call.inputs().get(0);
    TensorSpec weight = call.inputs().get(1);
    TensorSpec y = call.outputs().get(0);
    Window w = op.window();
    List<Way> ways = new ArrayList<>();
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
      DirectConvolution shape =
          new DirectConvolution(
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
              op.relu());
      List<Layout> inputs = new ArrayList<>(List.of(in.layout(x), layout("Acdb8a", weight)));
      if (bias) {
        inputs.add(canonical(call.inputs().get(2)));
      }
      ways.add(
          way(
              call,
              "avx2:direct",
              inputs,
              List.of(out.layout(y)),
              () -> kernel(GeneratedKernel.forward(shape), GeneratedWays::bindForward)));
    }
    return ways;
  }

  /** Binds: image, weights, bias (or anything), result, scratch. */
  private static Runnable bindForward(
      GeneratedKernel kernel, List<CpuBuffer> in, List<CpuBuffer> out, long scratch) {
    long bias = in.get(in.size() - 1).address();
    return kernel.bind(
        in.get(0).address(), in.get(1).address(), bias, out.get(0).address(), scratch);
  }

  static List<Way> backwardWeights(Conv2dBackwardWeights op, OpCall call) {
    TensorSpec x = call.inputs().get(0);
    TensorSpec dy = call.inputs().get(1);
    List<Way> ways = new ArrayList<>();
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

  static List<Way> backwardData(Conv2dBackwardData op, OpCall call) {
    TensorSpec dy = call.inputs().get(0);
    TensorSpec weight = call.inputs().get(1);
    TensorSpec dx = call.outputs().get(0);
    List<Way> ways = new ArrayList<>();
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

  /** The pooling's backward pass that leaves its result in short form. */
  static List<Way> pooling(MaxPool2dBackward op, OpCall call) {
    List<Way> ways = new ArrayList<>();
    if (available()) {
      for (Pooled pooled : Pooled.of(op.window(), op.input())) {
        ways.add(
            way(
                call,
                "pooled",
                List.of(pooled.valueLayout(), pooled.positionLayout()),
                List.of(pooled.layout()),
                () -> (in, out, workspace) -> bindPooling(pooled, in, out.get(0))));
      }
    }
    return ways;
  }

  private static Runnable bindPooling(Pooled pooled, List<CpuBuffer> in, CpuBuffer out) {
    ByteBuffer values = in.get(0).view();
    ByteBuffer positions = in.get(1).view();
    ByteBuffer toValues = out.slice(0, values.capacity()).view();
    ByteBuffer toPositions = out.slice(pooled.positionOffset(), positions.capacity()).view();
    return () -> {
      toValues.put(0, values, 0, values.capacity());
      toPositions.put(0, positions, 0, positions.capacity());
    };
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

  private static Layout layout(String tag, TensorSpec spec) {
    long[] dims = spec.shape().dims();
    return Forms.layout(spec, dims, MemoryDesc.of(tag, dims)).orElseThrow();
  }

  private static Layout canonical(TensorSpec spec) {
    return new Layout(Layout.CANONICAL, spec.bytes());
  }

  private static Way way(
      OpCall call,
      String name,
      List<Layout> inputs,
      List<Layout> outputs,
      Supplier<Kernel> kernel) {
    String tags =
        Stream.of(inputs, outputs)
            .map(list -> list.stream().map(Layout::tag).collect(Collectors.joining(" ")))
            .collect(Collectors.joining(" -> "));
    return new Way(call, new Layouts(name + " " + tags, inputs, outputs), kernel);
  }

  /** Binds generated code to buffers. */
  private interface Binding {
    Runnable bind(GeneratedKernel kernel, List<CpuBuffer> in, List<CpuBuffer> out, long scratch);
  }

  private static Kernel kernel(GeneratedKernel code, Binding binding) {
    return new Kernel() {
      @Override
      public long workspaceBytes() {
        return code.scratchBytes();
      }

      @Override
      public Runnable bind(List<CpuBuffer> in, List<CpuBuffer> out, CpuBuffer workspace) {
        return binding.bind(code, in, out, workspace == null ? 0 : workspace.address());
      }

      @Override
      public void close() {
        code.close();
      }
    };
  }
}
