package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.kernels.ConvolutionKernels.Geometry;
import dev.lamina.op.Window;

/**
 * The pass backward to the weights of convolutions of few taps, for CPU-type devices:
 * patches.opencl.cl.
 */
final class ConvolutionPatches {
  private static final String[] FILES = {
    "elements.cl", "window.cl", "transpose.opencl.cl", "prefetch.opencl.cl", "patches.opencl.cl"
  };

  /** Taps of a panel, as patches.opencl.cl has them. */
  private static final int PANEL = 16;

  private static final int VECTOR = 8;

  private static final int MOST_TAPS = 128;

  /** Weights that each slice of the samples has sums of its own of: 128 KiB. */
  private static final int MOST_WEIGHTS = 1 << 15;

  /** Weights whose sums take so long to add up that slices are few: 32 KiB. */
  private static final int MANY_WEIGHTS = 1 << 13;

  /** Filters that are worth the making of patches. */
  private static final int LEAST_FILTERS = 16;

  private ConvolutionPatches() {}

  /** Says whether this is the way to do it: many samples, whose slices share few weights. */
  static boolean suits(Geometry geometry) {
    long taps = geometry.channels() * geometry.window().area();
    return geometry.filters() >= LEAST_FILTERS
        && taps <= MOST_TAPS
        && taps * geometry.filters() <= MOST_WEIGHTS;
  }

  /** Adds the launches, also for the bias where there is one. */
  static String weights(CallBuilder builder, Geometry geometry, boolean bias) {
    KernelSource source = builder.program(FILES);
    int groups = geometry.groups();
    int samples = builder.count(geometry.x().dim(0));
    long taps = geometry.channels() * geometry.window().area();
    long padded = parts(taps + (bias ? 1 : 0), PANEL) * PANEL;
    long filters = geometry.groups() * geometry.filters();
    // Slices have sums of their own, which are added up afterwards.
    int usual = filters * taps < MANY_WEIGHTS ? builder.usual("patches.shares") : 2;
    int wanted = builder.shares("patches.shares", usual);
    int slices = Math.max(1, Math.min(samples, wanted / groups));
    int workers = Math.min(slices * groups, wanted);
    long width = geometry.y().dim(3);
    int fit = builder.parameter("patches.near");
    int band = (int) Math.max(1, Math.min(geometry.y().dim(2), fit / (width * padded)));
    int seen = inPlace(geometry) ? 0 : builder.count(seen(geometry, band));
    int slot = builder.count(seen + band * width * padded);
    KernelArgument weights = slices > 1 ? builder.scratch(slices * filters * taps) : out(0);
    KernelArgument biases =
        !bias ? weights : slices > 1 ? builder.scratch(slices * filters) : out(1);
    builder.launch(
        source,
        "conv_weights_patches",
        workers,
        1,
        in(0),
        in(1),
        builder.scratch((long) workers * slot),
        of(slot),
        of(seen),
        builder.scratch(slices * filters * padded),
        weights,
        biases,
        of(samples),
        of(slices),
        of(band),
        of(bias),
        geometry.argument(builder));
    if (slices > 1) {
      Product.sum(builder, weights, out(0), slices, builder.count(filters * taps));
      if (bias) {
        Product.sum(builder, biases, out(1), slices, builder.count(filters));
      }
    }
    return "patches";
  }

  /** Says whether every vector of taps lies within a row of x. */
  private static boolean inPlace(Geometry geometry) {
    Window window = geometry.window();
    long columns = geometry.y().dim(3);
    int stride = window.strideWidth();
    long reach = stride * columns + (window.width() - 1L) * window.dilationWidth();
    boolean inside = stride == 1 || stride == 2 && reach <= geometry.x().dim(3);
    return window.padHeight() + window.padWidth() == 0 && columns >= VECTOR && inside;
  }

  /** Returns the values of a group's image, with its border, that a band of rows of y sees. */
  private static long seen(Geometry geometry, int band) {
    Window window = geometry.window();
    long rows = (band - 1L) * window.strideHeight();
    rows += (window.height() - 1L) * window.dilationHeight() + 1;
    long reach = (window.width() - 1L) * window.dilationWidth() / window.strideWidth();
    long columns = window.strideWidth() * (geometry.y().dim(3) + reach);
    return geometry.channels() * rows * columns;
  }

  private static long parts(long extent, int size) {
    return (extent - 1) / size + 1;
  }
}
