package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.kernels.ConvolutionKernels.Geometry;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.MaxPool2dBackward;
import dev.lamina.op.Op;
import dev.lamina.op.Window;
import dev.lamina.tensor.Shape;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Convolutions' passes backward from the winners of a max-pooling alone, for CPU-type devices:
 * conv_pooled.opencl.cl.
 *
 * <p>The winners are a private form of the gradient, which the pooling's pass backward gives. They
 * stand beside the ways of {@link KernelOps}' table, which a plan's measurement chooses among.
 */
final class ConvolutionPooled {
  /** Name of the ways that give or take it. */
  static final String NAME = "pooled";

  /** The pooling of these networks: a pass backward does not see what fed it. */
  private static final Window POOLING = Window.of(2).stride(2);

  private static final String TAG = Layout.PRIVATE + "pooled-2x2s2";
  private static final int VECTOR = 8;

  /** Sums that registers hold beside a factor. */
  private static final int SUMS = 15;

  /** Columns of a window from which rows fill enough of a vector. */
  private static final int LEAST_COLUMNS = 4;

  /** Filters up to which lists of them are short; indices are bytes. */
  private static final int MOST_FILTERS = 64;

  /** Floats of an image with its border that a near cache holds: 32 KiB. */
  private static final int MOST_FLOATS = 8192;

  /** Images of a slice, at least: fewer cost more to add up than they gain. */
  private static final int SLICE = 8;

  private final CallBuilder builder;
  private final Geometry geometry;
  private final int rows;
  private final int together;

  /**
   * Begins a way.
   *
   * @param sums rows that are summed up for each channel
   */
  private ConvolutionPooled(OpCall call, KernelTarget target, Geometry geometry, int sums) {
    builder = new CallBuilder(call, target);
    this.geometry = geometry;
    rows = geometry.window().height();
    long parts = parts(geometry.channels(), SUMS / sums);
    together = (int) parts(geometry.channels(), parts);
  }

  /** Returns the further way to run a call, if it has one. */
  static List<KernelWay> ways(OpCall call, KernelTarget target) {
    if (!target.panels()) {
      return List.of();
    }
    Op op = call.op();
    TensorSpec first = call.inputs().get(0);
    if (op instanceof MaxPool2dBackward pooling) {
      return pooling.window().equals(POOLING) && fits(pooling.input())
          ? List.of(PoolingKernels.winners(pooling, call, target))
          : List.of();
    }
    if (op instanceof Conv2dBackwardData conv) {
      TensorSpec dx = call.outputs().get(0);
      Geometry geometry = new Geometry(conv.window(), conv.groups(), dx, first);
      return suits(geometry)
          ? List.of(
              new ConvolutionPooled(call, target, geometry, geometry.window().height() + 1).data())
          : List.of();
    }
    if (op instanceof Conv2dBackwardWeights conv) {
      TensorSpec dy = call.inputs().get(1);
      Geometry geometry = new Geometry(conv.window(), conv.groups(), first, dy);
      return suits(geometry)
          ? List.of(
              new ConvolutionPooled(call, target, geometry, geometry.window().height())
                  .weights(conv.bias()))
          : List.of();
    }
    return List.of();
  }

  private static boolean fits(Shape gradient) {
    return gradient.dim(1) <= MOST_FILTERS && gradient.dim(2) >= 2 && gradient.dim(3) >= 2;
  }

  private static boolean suits(Geometry geometry) {
    Window window = geometry.window();
    boolean plain =
        geometry.groups() == 1
            && window.strideHeight() == 1
            && window.strideWidth() == 1
            && window.dilationHeight() == 1
            && window.dilationWidth() == 1;
    return plain
        && window.width() >= LEAST_COLUMNS
        && window.width() < VECTOR
        && window.height() < SUMS
        && fits(geometry.y().shape())
        && geometry.channels() * plane(geometry) <= MOST_FLOATS;
  }

  private static long plane(Geometry geometry) {
    Window window = geometry.window();
    return (geometry.x().dim(2) + 2L * window.padHeight())
        * (geometry.x().dim(3) + 2L * window.padWidth());
  }

  private static TensorSpec pooled(TensorSpec gradient) {
    Shape shape = gradient.shape();
    return TensorSpec.f32(POOLING.slide("pooled", shape, shape.dim(1)).dims());
  }

  /** The gradient as its winners' values, then their positions, one byte each. */
  static Layout layout(TensorSpec gradient) {
    return new Layout(TAG, pooled(gradient).elements() * (Float.BYTES + 1));
  }

  private KernelWay data() {
    int images = builder.count(geometry.x().dim(0));
    long packed = 2 * geometry.filters() * channels() * rows * VECTOR;
    int slot = builder.count(packed + channels() * plane(geometry) + VECTOR);
    int workers = Math.min(images, 2 * builder.cores());
    builder.launch(
        source(1),
        "pooled_data",
        workers,
        1,
        in(0),
        in(1),
        out(0),
        builder.scratch((long) workers * slot),
        of(slot),
        of(images),
        geometry.argument(builder));
    Way plain = builder.way(NAME).offered();
    List<Layout> inputs = List.of(layout(geometry.y()), plain.inputs().get(1));
    return builder.way(new Way(NAME, inputs, plain.outputs()));
  }

  private KernelWay weights(boolean bias) {
    int filters = Math.min((int) geometry.filters(), SUMS / (rows * together));
    int images = builder.count(geometry.x().dim(0));
    long tasks = parts(geometry.filters(), filters) * channels() / together;
    long wanted = Math.min(parts(2L * builder.cores(), tasks), images / SLICE);
    int slices = (int) Math.max(1, wanted);
    int workers = builder.workers(tasks * slices);
    int tile = builder.count(together * plane(geometry) + VECTOR);
    int weights =
        builder.count(geometry.filters() * geometry.channels() * rows * geometry.window().width());
    KernelArgument parts = slices > 1 ? builder.scratch((long) slices * weights) : out(0);
    builder.launch(
        source(filters),
        "pooled_weights",
        workers,
        1,
        in(0),
        in(1),
        parts,
        bias ? out(1) : parts,
        builder.scratch((long) workers * tile),
        of(tile),
        of(images),
        of(slices),
        of(bias),
        geometry.argument(builder));
    if (slices > 1) {
      Product.sum(builder, parts, out(0), slices, weights);
    }
    Way plain = builder.way(NAME).offered();
    List<Layout> inputs = List.of(plain.inputs().get(0), layout(geometry.y()));
    return builder.way(new Way(NAME, inputs, plain.outputs()));
  }

  /** Returns the channels, filled up to what is done at once. */
  private long channels() {
    return parts(geometry.channels(), together) * together;
  }

  private KernelSource source(int filters) {
    Map<String, Number> defines =
        Map.of(
            "KH",
            rows,
            "TOGETHER",
            together,
            "FILTERS",
            filters,
            "PITCH",
            geometry.x().dim(3) + 2L * geometry.window().padWidth(),
            "PLANE",
            plane(geometry),
            "MOST_FILTERS",
            MOST_FILTERS);
    Map<String, String> texts = new TreeMap<>();
    defines.forEach((name, value) -> texts.put(name, value.toString()));
    return builder.program(texts, "elements.cl", "window.cl", "conv_pooled.opencl.cl");
  }

  private static long parts(long extent, long size) {
    return (extent - 1) / size + 1;
  }
}
