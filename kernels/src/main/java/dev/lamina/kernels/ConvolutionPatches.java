package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.kernels.ConvolutionKernels.Geometry;

/**
 * The pass backward to the weights of convolutions of few taps, for CPU-type devices:
 * patches.opencl.cl.
 */
final class ConvolutionPatches {
  private static final String[] FILES = {
    "elements.cl", "window.cl", "transpose.opencl.cl", "patches.opencl.cl"
  };

  /** Taps of a panel, as patches.opencl.cl has them. */
  private static final int PANEL = 16;

  private static final int VECTOR = 8;

  private static final int MOST_TAPS = 128;

  /** Weights that each slice of the samples has sums of its own of: 128 KiB. */
  private static final int MOST_WEIGHTS = 1 << 15;

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
    int wanted = builder.shares("patches.shares");
    int slices = Math.max(1, Math.min(samples, wanted / groups));
    int workers = Math.min(slices * groups, wanted);
    long width = geometry.y().dim(3);
    int fit = builder.parameter("patches.near");
    int band = (int) Math.max(1, Math.min(geometry.y().dim(2), fit / (width * padded)));
    long line = parts(band * width, VECTOR) * VECTOR;
    int slot = builder.count(line * (VECTOR + padded));
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

  private static long parts(long extent, int size) {
    return (extent - 1) / size + 1;
  }
}
