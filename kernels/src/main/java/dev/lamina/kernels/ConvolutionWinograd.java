package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.kernels.ConvolutionKernels.Geometry;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import java.util.Map;

/**
 * The three convolutions of 3 x 3 taps by tiles of 2 x 2 positions, for CPU-type devices:
 * winograd.opencl.cl, weights_winograd.opencl.cl.
 */
final class ConvolutionWinograd {
  private static final String[] FILES = {
    "elements.cl", "window.cl", "panels.opencl.cl", "winograd_tiles.opencl.cl", "winograd.opencl.cl"
  };

  private static final String[] WEIGHTS_FILES = {
    "elements.cl",
    "window.cl",
    "panels.opencl.cl",
    "transpose.opencl.cl",
    "winograd_tiles.opencl.cl",
    "weights_winograd.opencl.cl"
  };

  /** Multiplications of a tile, as winograd.opencl.cl has them. */
  private static final int POINTS = 16;

  private static final int PANEL_M = 6;
  private static final int PANEL_N = Product.PANEL_N;

  /** Panels of tiles that a task may have, as winograd_tiles.opencl.cl has it. */
  private static final int MOST_PANELS = 16;

  /** Rows of tiles that a task may have, as winograd_tiles.opencl.cl has it. */
  private static final int MOST_ROWS = 64;

  /** Channels on either side that make the multiplications outweigh the transformations. */
  private static final int LEAST_CHANNELS = 16;

  /** Channels times filters whose weights at all points a near cache holds: 256 KiB. */
  private static final int NEAR_WEIGHTS = 64 * 64;

  private static final int LEAST_TILES = 32;

  /** Channels times filters whose sums at all points a core's caches hold: 1 MiB. */
  private static final int NEAR_SUMS = 128 * 128;

  /** Filters of a part, whose products with all channels outweigh the channels' transformation. */
  private static final int PART_FILTERS = 128;

  private ConvolutionWinograd() {}

  /** Says whether it can be done so: much is the transformation of few channels. */
  static boolean suits(Geometry geometry) {
    return geometry.window().equals(Window.of(3).pad(1))
        && geometry.x().dim(3) <= 2 * MOST_PANELS * PANEL_N
        && Math.min(geometry.channels(), geometry.filters()) >= LEAST_CHANNELS;
  }

  /** Says whether the passes with weights gain: tiles that outweigh the weights' transformation. */
  static boolean gains(Geometry geometry) {
    return tiles(geometry) >= LEAST_TILES;
  }

  /** Says whether the pass to the weights gains: sums at all points stay near. */
  static boolean gainsWeights(Geometry geometry) {
    return tiles(geometry) >= POINTS * LEAST_TILES
        && geometry.channels() * geometry.filters() <= NEAR_SUMS;
  }

  private static long tiles(Geometry geometry) {
    TensorSpec x = geometry.x();
    return x.dim(0) * ((x.dim(2) + 1) / 2) * ((x.dim(3) + 1) / 2);
  }

  /**
   * Adds the launches.
   *
   * @param bias null for none
   */
  static String launch(
      CallBuilder builder, Geometry geometry, boolean gradient, KernelArgument bias, boolean relu) {
    KernelSource source = builder.program(gradient ? Map.of("GRADIENT", "1") : Map.of(), FILES);
    KernelArgument window = geometry.argument(builder);
    int groups = geometry.groups();
    long rows = gradient ? geometry.channels() : geometry.filters();
    long inner = gradient ? geometry.filters() : geometry.channels();
    long panelsM = (rows - 1) / PANEL_M + 1;
    long values = POINTS * groups * panelsM * PANEL_M * inner;
    KernelArgument packed = builder.scratch(values);
    builder.elements(source, "winograd_weights", values, in(1), packed, window);

    int usual = rows * inner <= NEAR_WEIGHTS ? 1 : builder.usual("winograd.panels");
    Tiles tiles = Tiles.of(geometry, builder.parameter("winograd.panels", usual));
    long tasks = ((tiles.allRows - 1) / tiles.rows + 1) * groups;
    int workers = (int) Math.min(tasks, builder.shares("winograd.shares"));
    long points = POINTS * (tiles.panels * inner + 1) * PANEL_N;
    long sums = POINTS * (tiles.panels * panelsM * PANEL_M + 1) * PANEL_N;
    int slot = builder.count(points + sums + tiles.lines());
    builder.launch(
        source,
        "conv_winograd",
        workers,
        1,
        in(0),
        packed,
        bias == null ? packed : bias,
        out(0),
        builder.scratch((long) workers * slot),
        of(slot),
        of(builder.count(geometry.x().dim(0))),
        of(tiles.rows),
        of(tiles.panels),
        of(tiles.pitch),
        of(tiles.span),
        of(bias != null),
        of(relu),
        window);
    return "winograd";
  }

  /** Adds the launches of the pass backward to the weights, and the bias where there is one. */
  static String weights(CallBuilder builder, Geometry geometry, boolean bias) {
    KernelSource source = builder.program(WEIGHTS_FILES);
    KernelArgument window = geometry.argument(builder);
    int groups = geometry.groups();
    long filters = geometry.filters();
    long channels = ((geometry.channels() - 1) / PANEL_N + 1) * PANEL_N;
    Tiles tiles = Tiles.of(geometry, builder.parameter("winograd.panels"));
    long panelsM = (filters - 1) / PANEL_M + 1;
    int parts = (int) Math.max(1, filters / PART_FILTERS);
    long partFilters = ((panelsM - 1) / parts + 1) * PANEL_M;
    long blocks = (tiles.allRows - 1) / tiles.rows + 1;
    int shares = builder.shares("winograd.shares");
    int slices = (int) Math.max(1, Math.min(blocks, shares / (parts * groups)));
    int workers = Math.min(slices * parts * groups, shares);
    long size = tiles.panels * PANEL_N;
    long points = POINTS * ((channels + partFilters) * size + 2 * PANEL_N);
    int slot = builder.count(points + size * PANEL_N + tiles.lines());
    KernelArgument sums = builder.scratch(slices * groups * POINTS * filters * channels);
    KernelArgument biases = bias ? builder.scratch(slices * groups * filters) : sums;
    builder.launch(
        source,
        "weights_winograd",
        workers,
        1,
        in(0),
        in(1),
        builder.scratch((long) workers * slot),
        of(slot),
        sums,
        biases,
        of(builder.count(geometry.x().dim(0))),
        of(parts),
        of(slices),
        of(tiles.rows),
        of(tiles.panels),
        of(tiles.pitch),
        of(tiles.span),
        of(bias),
        window);
    builder.elements(
        source,
        "winograd_finish",
        POINTS * groups * filters * channels,
        sums,
        biases,
        out(0),
        bias ? out(1) : out(0),
        of(slices),
        of(bias),
        window);
    return "winograd";
  }

  /** Some rows of tiles, which a task takes together: how many, and how they fill panels. */
  private record Tiles(int rows, int panels, int pitch, int span, long allRows) {
    static Tiles of(Geometry geometry, int panels) {
      TensorSpec x = geometry.x();
      int columns = Math.toIntExact((x.dim(3) - 1) / 2 + 1);
      int span = columns > 2 ? 4 : 2;
      int pitch = ((columns - 1) / span + 1) * span;
      int most = Math.min(panels, MOST_PANELS) * PANEL_N / pitch;
      int rows = Math.max(1, Math.min(most, MOST_ROWS));
      long allRows = x.dim(0) * ((x.dim(2) - 1) / 2 + 1);
      return new Tiles(rows, (rows * pitch - 1) / PANEL_N + 1, pitch, span, allRows);
    }

    /** Values of the image's rows that they see, and one more. */
    long lines() {
      return (rows + 1) * 8L * (pitch + 1);
    }
  }
}
