package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.kernels.ConvolutionKernels.Geometry;
import dev.lamina.op.Window;
import java.util.Map;

/** The three convolutions on images with their border, for CPU-type devices: conv.opencl.cl. */
final class ConvolutionPanels {
  private static final String[] FILES = {
    "elements.cl",
    "window.cl",
    "conv.opencl.cl",
    "prefetch.opencl.cl",
    "panels.opencl.cl",
    "gemm.opencl.cl",
    "conv_direct.opencl.cl"
  };

  /** What a vector may read behind the last plane, beside a row of the border. */
  private static final int VECTOR = 16;

  /** Taps of a task of conv_weights. */
  private static final int TASK_TAPS = 12;

  /** Samples of a slice, at least: fewer cost more to add up than they gain. */
  private static final int SLICE = 8;

  /** A padded tensor, and where in a plane its taps begin. */
  private record Image(KernelArgument planes, KernelArgument taps) {}

  private ConvolutionPanels() {}

  static String forward(CallBuilder builder, Geometry geometry, Product product) {
    KernelSource source = builder.program(Map.of("IMAGE", "1"), FILES);
    Image x = padded(builder, source, geometry);
    int height = (int) geometry.y().dim(2);
    int width = (int) geometry.y().dim(3);
    return product.image(source, in(1), x.planes, x.taps, out(0), height, width);
  }

  static String backwardData(CallBuilder builder, Geometry geometry, Product product) {
    KernelSource source = builder.program(Map.of("IMAGE", "1", "GRADIENT", "1"), FILES);
    Window window = geometry.window();
    long pitch = geometry.x().dim(3) + (long) (window.width() - 1) * window.dilationWidth();
    long rows = geometry.x().dim(2) + (long) (window.height() - 1) * window.dilationHeight();
    long planes = geometry.y().dim(0) * geometry.y().dim(1);
    long channels = geometry.filters();
    Image dy = padded(builder, source, geometry, planes, channels, pitch * rows, pitch);
    int height = (int) geometry.x().dim(2);
    int width = (int) geometry.x().dim(3);
    return product.image(source, in(1), dy.planes, dy.taps, out(0), height, width);
  }

  /** The pass backward to the weights of few filters. */
  static String backwardWeights(CallBuilder builder, Geometry geometry, boolean bias) {
    long byFour = parts(geometry.filters(), 4) * 4;
    boolean six = builder.flag("dots.six", parts(geometry.filters(), 6) * 6 < byFour);
    int taskFilters = six ? 6 : 4;
    KernelSource source =
        builder.program(
            six ? Map.of("SIX_FILTERS", "1") : Map.of(),
            "elements.cl",
            "window.cl",
            "conv.opencl.cl",
            "conv_dots.opencl.cl");
    Image x = padded(builder, source, geometry);
    long length = (geometry.y().dim(2) * pitch(geometry) + 7) / 8 * 8;
    long planes = geometry.y().dim(0) * geometry.y().dim(1);
    KernelArgument window = geometry.argument(builder);
    KernelArgument dy = builder.scratch(planes * length);
    builder.elements(
        source, "pad_gradient", planes * length, in(1), dy, of(builder.count(planes)), window);
    int samples = builder.count(geometry.x().dim(0));
    long taps = geometry.channels() * geometry.window().area();
    long weights = geometry.groups() * geometry.filters() * taps;
    long tasks =
        geometry.groups() * parts(geometry.filters(), taskFilters) * parts(taps, TASK_TAPS);
    long slices = Math.max(1, Math.min(builder.shares("dots.shares") / tasks, samples / SLICE));
    int block = (int) Math.max(1, builder.parameter("dots.block") / (length * (taskFilters + 1)));
    KernelArgument parts = slices > 1 ? builder.scratch(slices * weights) : out(0);
    builder.launch(
        source,
        "conv_weights",
        builder.workers(tasks * slices),
        1,
        x.planes,
        dy,
        x.taps,
        parts,
        bias ? out(1) : parts,
        of(samples),
        of((int) slices),
        of(block),
        of(bias),
        window);
    if (slices > 1) {
      Product.sum(builder, parts, out(0), (int) slices, builder.count(weights));
    }
    return "dots";
  }

  private static Image padded(CallBuilder builder, KernelSource source, Geometry geometry) {
    Window window = geometry.window();
    int last = (window.height() - 1) * window.dilationHeight() / window.strideHeight();
    long rows = geometry.y().dim(2) + last;
    long parts = (long) window.strideHeight() * window.strideWidth();
    long pitch = pitch(geometry);
    long planes = geometry.x().dim(0) * geometry.x().dim(1);
    long plane = parts * rows * pitch;
    return padded(builder, source, geometry, planes, geometry.channels(), plane, pitch);
  }

  /** Pads the call's first input; the last three are what conv.opencl.cl calls image_... . */
  private static Image padded(
      CallBuilder builder,
      KernelSource source,
      Geometry geometry,
      long planes,
      long channels,
      long plane,
      long pitch) {
    long slack = pitch + VECTOR;
    long values = builder.count(planes * plane + slack);
    long taps = channels * geometry.window().area();
    Image image = new Image(builder.scratch(values), builder.scratch(taps));
    builder.elements(
        source,
        "pad_image",
        values,
        in(0),
        image.planes,
        image.taps,
        of((int) planes),
        of((int) slack),
        geometry.argument(builder));
    return image;
  }

  private static long pitch(Geometry geometry) {
    Window window = geometry.window();
    int last = (window.width() - 1) * window.dilationWidth() / window.strideWidth();
    return geometry.y().dim(3) + last;
  }

  private static long parts(long extent, int size) {
    return (extent - 1) / size + 1;
  }
}
