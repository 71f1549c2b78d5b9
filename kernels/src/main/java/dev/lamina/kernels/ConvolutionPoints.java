package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.kernels.ConvolutionKernels.Geometry;
import dev.lamina.op.Window;
import java.util.Map;

/**
 * Convolutions of one tap forward and backward to the data, for CPU-type devices: points.opencl.cl.
 */
final class ConvolutionPoints {
  private static final String[] FILES = {
    "elements.cl", "window.cl", "prefetch.opencl.cl", "panels.opencl.cl", "points.opencl.cl"
  };

  /** Inner steps of panels of columns that a near cache holds beside rows: 64 KiB. */
  private static final int NEAR_STEPS = 1024;

  private ConvolutionPoints() {}

  /** Says whether it can be done so. */
  static boolean suits(Geometry geometry) {
    Window window = geometry.window();
    return window.area() == 1 && window.padHeight() + window.padWidth() == 0;
  }

  /**
   * Adds the launches.
   *
   * @param weights packs them, filters or channels by the other
   * @param bias null for none
   */
  static String launch(
      CallBuilder builder,
      Geometry geometry,
      boolean gradient,
      Product weights,
      KernelArgument bias,
      boolean relu) {
    KernelSource source = builder.program(gradient ? Map.of("GRADIENT", "1") : Map.of(), FILES);
    KernelArgument packed = weights.pack(source, in(1));
    long inner = gradient ? geometry.filters() : geometry.channels();
    long panels = (Geometry.positions(geometry.y()) - 1) / Product.PANEL_N + 1;
    int usual = (int) Math.max(1, Math.min(16, Long.highestOneBit(NEAR_STEPS / inner)));
    int together = builder.parameter("points.together", usual);
    long tasks = ((panels - 1) / together + 1) * geometry.groups();
    int workers = (int) Math.min(tasks, builder.shares("points.shares"));
    builder.launch(
        source,
        "conv_points",
        workers,
        1,
        packed,
        in(0),
        bias == null ? packed : bias,
        out(0),
        builder.scratch(workers * together * inner * Product.PANEL_N),
        of(builder.count(geometry.x().dim(0))),
        of(span(geometry)),
        of(together),
        of(bias != null),
        of(relu),
        geometry.argument(builder));
    return "points";
  }

  /** Returns how many columns of a panel, a power of two, lie in one row, or plane, of x and y. */
  private static int span(Geometry geometry) {
    Window window = geometry.window();
    long row = geometry.y().dim(3);
    if (window.strideHeight() * window.strideWidth() == 1) {
      row *= geometry.y().dim(2);
    } else if (geometry.x().dim(3) != row * window.strideWidth()) {
      return 1;
    }
    return (int) Math.min(Product.PANEL_N, Long.lowestOneBit(row));
  }
}
