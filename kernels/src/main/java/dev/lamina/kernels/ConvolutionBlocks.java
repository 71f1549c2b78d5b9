package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.kernels.ConvolutionKernels.Geometry;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Convolutions forward and backward to the data with vectors of filters, for CPU-type devices:
 * blocks.opencl.cl.
 */
final class ConvolutionBlocks {
  private static final String[] FILES = {
    "elements.cl",
    "window.cl",
    "transpose.opencl.cl",
    "prefetch.opencl.cl",
    "blocks.opencl.cl",
    "store_blocks.opencl.cl",
    "conv_blocks.opencl.cl"
  };

  private static final String[] WEIGHTS_FILES = {
    "elements.cl",
    "window.cl",
    "transpose.opencl.cl",
    "blocks.opencl.cl",
    "weights_sums.opencl.cl",
    "weights_blocks.opencl.cl"
  };

  private static final int VECTOR = 8;

  /** Filters from which vectors of them are worth their transposition. */
  private static final int LEAST_FILTERS = 16;

  /** Taps from which sums are worth their way through a tile. */
  private static final int LEAST_TAPS = 32;

  /** Weights whose sums a near cache holds beside a band: 384 KiB. */
  private static final int FEW_WEIGHTS = 3 << 15;

  /** Sums that all slices of the samples may have: 2 MiB. */
  private static final int ALL_SUMS = 1 << 19;

  /** Positions of a band of dy. */
  private static final int BAND = 128;

  /** Values of a band of dy that a near cache holds: 128 KiB. */
  private static final int NEAR_BAND = 1 << 15;

  /** Values noted of each place of the window, as weights_blocks.opencl.cl has it. */
  private static final int NOTE = 5;

  private final CallBuilder builder;
  private final Geometry geometry;
  private final boolean gradient;
  private final TensorSpec read;
  private final TensorSpec written;
  private final long channels;
  private final long filters;
  private final int rows;
  private final int columns;
  private final int positions;

  private ConvolutionBlocks(CallBuilder builder, Geometry geometry, boolean gradient) {
    this.builder = builder;
    this.geometry = geometry;
    this.gradient = gradient;
    read = gradient ? geometry.y() : geometry.x();
    written = gradient ? geometry.x() : geometry.y();
    channels = gradient ? geometry.filters() : geometry.channels();
    filters = gradient ? geometry.channels() : geometry.filters();
    Window window = geometry.window();
    rows = (int) parts(written.dim(2), gradient ? window.strideHeight() : 1);
    columns = (int) parts(written.dim(3), gradient ? window.strideWidth() : 1);
    int usual = parts(columns, 5) * 5 < parts(columns, 4) * 4 ? 5 : 4;
    positions = builder.parameter("blocks.positions", usual);
  }

  /** Says whether this is the way to do it: vectors full of filters, rows that blocks fill. */
  static boolean suits(Geometry geometry, boolean gradient) {
    long filters = gradient ? geometry.channels() : geometry.filters();
    long taps = (gradient ? geometry.filters() : geometry.channels()) * geometry.window().area();
    int stride = gradient ? geometry.window().strideWidth() : 1;
    long columns = parts((gradient ? geometry.x() : geometry.y()).dim(3), stride);
    return filters >= LEAST_FILTERS && taps >= LEAST_TAPS && columns >= 3;
  }

  /**
   * Adds the launches.
   *
   * @param bias null for none
   */
  static String launch(
      CallBuilder builder, Geometry geometry, boolean gradient, KernelArgument bias, boolean relu) {
    return new ConvolutionBlocks(builder, geometry, gradient).launch(bias, relu);
  }

  private String launch(KernelArgument bias, boolean relu) {
    Map<String, String> defines = new LinkedHashMap<>();
    defines.put("BLOCK", Integer.toString(positions));
    if (gradient) {
      defines.put("GRADIENT", "1");
    }
    KernelSource source = builder.program(defines, FILES);
    Window window = geometry.window();
    int groups = geometry.groups();
    int left = left();
    int pitch = pitch(left);
    long inner = channels * window.area();
    KernelArgument packed = builder.scratch(groups * parts(filters, VECTOR) * VECTOR * inner);
    KernelArgument taps = builder.scratch(inner);
    KernelArgument argument = geometry.argument(builder);
    builder.elements(
        source,
        "blocks_pack",
        groups * filters * inner,
        in(1),
        packed,
        taps,
        of(left),
        of(pitch),
        argument);

    int images = builder.count(read.dim(0));
    int perRow = (int) parts(columns, positions) * positions;
    int most = (int) parts(images, builder.shares());
    int fill = builder.parameter("blocks.fill");
    int block = (int) Math.min(most, parts(fill, rows * perRow));
    int hold = builder.parameter("blocks.hold");
    int band = Math.max(1, Math.min(rows, hold / perRow));
    int panel = VECTOR * (positions > 4 ? 2 : 3);
    long panels = parts(filters, panel);
    long tasks = parts(images, block) * groups;
    int wanted = builder.shares("blocks.shares");
    int shares = (int) Math.min(panels, parts(wanted, (int) tasks));
    int workers = (int) Math.min(tasks * shares, wanted);
    int step = gradient ? 1 : window.strideWidth();
    long slot = block * channels * read.dim(2) * step * pitch + positions;
    long tile = (long) block * band * perRow * panel;
    KernelArgument[] scratch = {builder.scratch(workers * slot), builder.scratch(workers * tile)};
    builder.launch(
        source,
        "conv_blocks",
        workers,
        1,
        in(0),
        packed,
        taps,
        bias == null ? packed : bias,
        out(0),
        scratch[0],
        of(builder.count(slot)),
        scratch[1],
        of(builder.count(tile)),
        of(images),
        of(block),
        of(shares),
        of(band),
        of(left),
        of(pitch),
        of(bias != null),
        of(relu),
        argument);
    return "blocks";
  }

  /** Says whether the pass backward to the weights is best done so. */
  static boolean suitsWeights(Geometry geometry) {
    return geometry.filters() >= LEAST_FILTERS;
  }

  /** Adds the launches of the pass backward to the weights, and the bias where there is one. */
  static String weights(CallBuilder builder, Geometry geometry, boolean bias) {
    Window window = geometry.window();
    int groups = geometry.groups();
    long filters = parts(geometry.filters(), VECTOR) * VECTOR;
    // Two vectors of filters by six channels, three by four or four by three.
    int usual = filters <= 2 * VECTOR ? 6 : geometry.channels() <= 3 ? 3 : 4;
    int block = builder.parameter("weights.block", usual);
    int panel = VECTOR * (block > 4 ? 2 : block > 3 ? 3 : 4);
    KernelSource source = builder.program(Map.of("BLOCK", Integer.toString(block)), WEIGHTS_FILES);
    int samples = builder.count(geometry.x().dim(0));
    long blocks = window.area() * parts(geometry.channels(), block);
    int height = (int) geometry.y().dim(2);
    int width = (int) geometry.y().dim(3);
    int bandRows = Math.max(1, Math.min(height, BAND / width));
    int bandImages = Math.max(1, BAND / (height * width));
    long band = (long) bandImages * bandRows * width;
    long panels = parts(filters, panel);
    long weights = groups * geometry.filters() * geometry.channels() * window.area();
    // Where weights are few, slices of the samples have sums of their own, and x is read once for
    // all panels. Else tasks share panels and blocks: each turns its panel of dy, and reads its x.
    // There are two to eight slices for each core.
    int least = builder.shares() / 2;
    long most = Math.min(samples, Math.max(least, Math.min(4L * least, ALL_SUMS / weights)));
    boolean few = weights <= FEW_WEIGHTS && most >= least;
    int slices = few ? (int) (most / least * least) : 1;
    long packs = few ? parts(panels, (int) Math.max(1, NEAR_BAND / (band * panel))) : panels;
    int wanted = 2 * builder.shares("weights.shares");
    int shares = few ? 1 : (int) Math.min(blocks, parts(wanted, (int) (packs * groups)));
    int tasks = builder.count(groups * packs * shares * slices);
    int slot = builder.count(parts(panels, (int) packs) * panel * band);
    KernelArgument results = slices > 1 ? builder.scratch(slices * weights) : out(0);
    builder.launch(
        source,
        "conv_weights_blocks",
        tasks,
        1,
        in(0),
        in(1),
        builder.scratch((long) tasks * window.area() * NOTE),
        builder.scratch((long) tasks * slot),
        of(slot),
        builder.scratch(slices * groups * filters * blocks * block),
        results,
        bias ? out(1) : results,
        of(samples),
        of(builder.count(packs)),
        of(shares),
        of(slices),
        of(bandRows),
        of(bandImages),
        of(bias),
        geometry.argument(builder));
    if (slices > 1) {
      Product.sum(builder, results, out(0), slices, builder.count(weights));
    }
    return "blocks";
  }

  /** Columns of a slot's row before the image: its padding, or what the first taps reach back. */
  private int left() {
    Window window = geometry.window();
    if (!gradient) {
      return window.padWidth();
    }
    int reach = (window.width() - 1) * window.dilationWidth() - window.padWidth();
    return Math.max(0, (int) parts(reach, window.strideWidth()));
  }

  /** Columns of each part of a slot's row, up to where the last block of positions reaches. */
  private int pitch(int left) {
    Window window = geometry.window();
    int blocks = (int) parts(columns, positions) * positions;
    int last = (window.width() - 1) * window.dilationWidth();
    return gradient
        ? left + blocks + (window.strideWidth() - 1 + window.padWidth()) / window.strideWidth()
        : blocks + last / window.strideWidth();
  }

  private static long parts(long extent, int size) {
    return Math.floorDiv(extent - 1, size) + 1;
  }
}
