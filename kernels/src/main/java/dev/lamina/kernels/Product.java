package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.of;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A matrix product, by tiles in local memory for GPUs (operands.cl tells which kinds there are) or
 * by panels in vector registers for CPU-type devices (panels.opencl.cl).
 */
final class Product {
  /** What the matrices are, as operands.cl says. */
  enum Kind {
    DENSE,
    FORWARD,
    BACKWARD_DATA,
    BACKWARD_WEIGHTS
  }

  private static final int BY_ROW = 1;
  private static final int BY_COLUMN = 2;

  /**
   * Rows and columns of a panel, and inner steps packed at a time, as panels.opencl.cl and
   * gemm.opencl.cl have them.
   */
  private static final int PANEL_M = 6;

  static final int PANEL_N = 16;
  private static final int PANEL_DEPTH = 256;

  /** Rows and columns of a block of dot products, as small.opencl.cl has them. */
  private static final int DOT_ROWS = 4;

  private static final int DOT_COLUMNS = 3;

  /** Values of an operand that is read over and over, which a near cache holds: 256 KiB. */
  private static final int NEAR = 1 << 16;

  /** Values of an operand that stay in the nearest cache beside the other's: 16 KiB. */
  private static final int NEAREST = 1 << 12;

  /** Rows of b, far from each other, of which a near cache holds sixteen columns. */
  private static final int FEW_STEPS = 128;

  /** Multiply-adds that are done before a second core has been woken: some two microseconds. */
  private static final int ONE_CORE = 1 << 17;

  /** Columns of one vector. */
  private static final int VECTOR = 8;

  /** Rows or columns of a tile, at least. */
  private static final int LEAST_TILE = 16;

  /** Inner steps of a slice by tiles, at least: shorter ones cost more to add up than they gain. */
  private static final int TILE_SLICE = 256;

  /** Members of a window that dense products do not read. */
  private static final KernelArgument NO_WINDOW =
      new KernelArgument.Struct(List.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0));

  private final CallBuilder builder;
  private final Kind kind;
  private final int rows;
  private final int columns;
  private final int inner;
  private int groups = 1;
  private KernelArgument window = NO_WINDOW;
  private int aGroup;
  private int aRow;
  private int aInner;
  private int aRuns;
  private int aRun = 1;
  private int bInner;
  private int bColumn;
  private KernelArgument bias;
  private int biasBy;
  private boolean relu;

  Product(CallBuilder builder, Kind kind, long rows, long columns, long inner) {
    this.builder = builder;
    this.kind = kind;
    this.rows = builder.count(rows);
    this.columns = builder.count(columns);
    this.inner = builder.count(inner);
  }

  /** Makes it the products of a convolution's groups. */
  Product window(KernelArgument window, int groups) {
    this.window = window;
    this.groups = groups;
    return this;
  }

  /** Says how a lies by row and inner step. */
  Product a(long row, long step) {
    return a(0, row, step, inner, 1);
  }

  /**
   * Says how a lies by group, row and inner step: {@code runs} runs of {@code run} steps that lie
   * together, the runs {@code step} apart, and then the same again behind the first run.
   */
  Product a(long group, long row, long step, long runs, long run) {
    aGroup = builder.count(group);
    aRow = builder.count(row);
    aInner = builder.count(step);
    aRuns = builder.count(runs);
    aRun = builder.count(run);
    return this;
  }

  /** Says how b lies by inner step and column. */
  Product b(long inner, long column) {
    bInner = builder.count(inner);
    bColumn = builder.count(column);
    return this;
  }

  Product biasByRow(KernelArgument bias) {
    this.bias = bias;
    biasBy = BY_ROW;
    return this;
  }

  Product biasByColumn(KernelArgument bias) {
    this.bias = bias;
    biasBy = BY_COLUMN;
    return this;
  }

  Product relu(boolean relu) {
    this.relu = relu;
    return this;
  }

  /**
   * Adds the launches of a dense product for CPU-type devices; returns the implementation's name.
   */
  String panels(KernelArgument a, KernelArgument b, KernelArgument c) {
    if (dots()) {
      return dots(a, b, c);
    }
    if (rows()) {
      return rows(a, b, c, null);
    }
    KernelSource source =
        builder.program(
            "elements.cl",
            "transpose.opencl.cl",
            "prefetch.opencl.cl",
            "panels.opencl.cl",
            "gemm.opencl.cl");
    return panels(source, a, b, c, of(bInner), of(bColumn));
  }

  private boolean dots() {
    boolean along = aInner == 1 && bInner == 1 && biasBy != BY_ROW;
    return along && inner >= VECTOR && (long) Math.min(rows, columns) * inner <= NEAR;
  }

  /** Says whether a near cache holds b, or a and sixteen columns of b, which lies along them. */
  boolean rows() {
    boolean along = bColumn == 1 && bias == null && !relu && columns >= PANEL_N;
    boolean fewSteps = inner <= FEW_STEPS && (long) inner * rows <= NEAR;
    return along && (fewSteps || (long) inner * columns <= NEAR);
  }

  private String dots(KernelArgument a, KernelArgument b, KernelArgument c) {
    check();
    boolean byRows = parts(rows, DOT_ROWS) >= parts(columns, DOT_COLUMNS);
    int tasks = byRows ? parts(rows, DOT_ROWS) : parts(columns, DOT_COLUMNS);
    builder.launch(
        builder.program("elements.cl", "small.opencl.cl"),
        "gemm_dots",
        oneCore() ? 1 : builder.workers(tasks, "dots.shares"),
        1,
        a,
        b,
        bias == null ? a : bias,
        c,
        of(rows),
        of(columns),
        of(inner),
        of(aRow),
        of(bColumn),
        of(byRows),
        of(Math.max(1, NEAREST / ((byRows ? DOT_ROWS : DOT_COLUMNS) * inner))),
        of(bias != null),
        of(relu));
    return "dots";
  }

  /**
   * Adds the launch of a product of small operands, b along its columns.
   *
   * @param sums takes the sums of a's rows; null for none
   */
  String rows(KernelArgument a, KernelArgument b, KernelArgument c, KernelArgument sums) {
    check();
    int panels = parts(rows, PANEL_M);
    int shares = oneCore() ? 1 : Math.min(columns / PANEL_N, 2 * builder.shares());
    int sharesOfRows =
        oneCore() ? 1 : Math.min(panels, parts(builder.shares("rows.shares"), shares));
    builder.launch(
        builder.program("elements.cl", "small.opencl.cl"),
        "gemm_rows",
        builder.count((long) shares * sharesOfRows),
        1,
        a,
        b,
        c,
        sums == null ? c : sums,
        of(rows),
        of(columns),
        of(inner),
        of(aRow),
        of(aInner),
        of(bInner),
        of(shares),
        of(sharesOfRows),
        of(sums != null));
    return "rows";
  }

  /**
   * Adds the launches of a convolution: rows of c that are a vector wide are computed where the
   * image lies, shorter ones by panels.
   *
   * @param image the padded image
   * @param taps where in it each tap begins
   * @param height of the image of c
   * @param width of the image of c
   */
  String image(
      KernelSource source,
      KernelArgument a,
      KernelArgument image,
      KernelArgument taps,
      KernelArgument c,
      int height,
      int width) {
    if (width < VECTOR || !builder.flag("image.direct")) {
      int span = Math.min(PANEL_N, Integer.lowestOneBit(width));
      return panels(source, a, image, c, taps, of(span), window);
    }
    KernelArgument packed = pack(source, a);
    int images = columns / (height * width);
    int pairs = (height * parts(width, VECTOR) + 1) / 2;
    builder.launch(
        source,
        "gemm_direct",
        builder.workers((long) images * groups * pairs, "direct.shares"),
        1,
        packed,
        image,
        bias == null ? packed : bias,
        c,
        taps,
        of(rows),
        of(inner),
        of(bias != null),
        of(relu),
        of(images),
        window);
    return "direct";
  }

  /**
   * Adds the launches of a product by panels, whichever the source's defines make it.
   *
   * @param more what that kind wants to know of b
   */
  String panels(
      KernelSource source,
      KernelArgument a,
      KernelArgument b,
      KernelArgument c,
      KernelArgument... more) {
    KernelArgument packed = pack(source, a);
    int workers = builder.workers((long) groups * parts(columns, PANEL_N), "panels.shares");
    int depth = Math.min(inner, PANEL_DEPTH);
    KernelArgument slots = builder.scratch((long) workers * depth * PANEL_N);
    KernelArgument[] arguments = {
      packed,
      b,
      bias == null ? packed : bias,
      c,
      slots,
      of(rows),
      of(columns),
      of(inner),
      of(bias != null),
      of(relu)
    };
    builder.launch(source, "gemm_panels", workers, 1, joined(arguments, more));
    return "panels";
  }

  /** Adds the launch that brings a into panels of rows. */
  KernelArgument pack(KernelSource source, KernelArgument a) {
    check();
    long values = (long) groups * parts(rows, PANEL_M) * inner * PANEL_M;
    KernelArgument packed = builder.scratch(values);
    builder.elements(
        source,
        "gemm_pack_a",
        values,
        a,
        packed,
        of(groups),
        of(rows),
        of(inner),
        of(aGroup),
        of(aRow),
        of(aInner),
        of(aRuns),
        of(aRun));
    return packed;
  }

  /**
   * Adds the launches by tiles; returns the implementation's name.
   *
   * @param sliced whether the inner extent may be cut; then there is neither bias nor activation
   */
  String tiles(KernelArgument a, KernelArgument b, KernelArgument c, boolean sliced) {
    check();
    int tileM = builder.parameter("tiles.m", tile("tiles.m", rows));
    int tileN =
        builder.parameter("tiles.n", tile("tiles.n", rows <= 16 ? Integer.MAX_VALUE : columns));
    Map<String, String> defines = new LinkedHashMap<>();
    defines.put("TILE_M", Integer.toString(tileM));
    defines.put("TILE_N", Integer.toString(tileN));
    if (kind != Kind.DENSE) {
      defines.put(kind.name(), "1");
    }
    KernelSource source = builder.program(defines, "window.cl", "operands.cl", "gemm.cl");
    long tiles = (long) groups * parts(rows, tileM) * parts(columns, tileN);
    long shares = sliced ? builder.shares("tiles.shares") : builder.shares();
    int wanted = (int) Math.max(1, shares / tiles);
    int most = sliced ? parts(inner, TILE_SLICE) : 1;
    int chunk = parts(inner, Math.min(wanted, most));
    int slices = parts(inner, chunk);
    KernelArgument result = slices > 1 ? builder.scratch((long) slices * count()) : c;
    builder.launch(
        source,
        "gemm_tiles",
        builder.count(tiles * slices),
        256,
        a,
        b,
        bias == null ? a : bias,
        result,
        of(rows),
        of(columns),
        of(inner),
        of(aRow),
        of(aInner),
        of(bInner),
        of(bColumn),
        of(biasBy),
        of(relu),
        of(chunk),
        of(slices),
        window);
    if (slices > 1) {
      sum(builder, result, c, slices, count());
    }
    return "tiles";
  }

  /** Adds the launch that adds up slices of {@code count} values. */
  static void sum(
      CallBuilder builder, KernelArgument parts, KernelArgument c, int slices, int count) {
    builder.elements(sums(builder), "sum_slices", count, parts, c, of(slices), of(count));
  }

  /** Returns the program of sums that matrix products leave to be done. */
  static KernelSource sums(CallBuilder builder) {
    return builder.program("elements.cl", "channels.cl", "sums.cl");
  }

  private boolean oneCore() {
    return (long) rows * columns * inner < ONE_CORE;
  }

  private void check() {
    // Each index of an operand must be countable; a convolution's b is an image, counted as such.
    builder.count((long) groups * rows * inner);
    if (kind == Kind.DENSE) {
      builder.count((long) inner * columns);
    }
    count();
  }

  private int count() {
    return builder.count((long) groups * rows * columns);
  }

  /** Two sizes make three programs of each kind: one side may be the least, or none. */
  private int tile(String parameter, int extent) {
    return extent <= LEAST_TILE ? LEAST_TILE : builder.usual(parameter);
  }

  private static int parts(int extent, int size) {
    return (extent - 1) / size + 1;
  }

  private static KernelArgument[] joined(KernelArgument[] first, KernelArgument[] second) {
    KernelArgument[] all = new KernelArgument[first.length + second.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }
}
