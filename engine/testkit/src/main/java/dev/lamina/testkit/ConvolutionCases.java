package dev.lamina.testkit;

import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dAdd;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.Op;
import dev.lamina.op.Window;
import dev.lamina.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Convolutions: forward with and without bias and activation, and both backward passes. */
final class ConvolutionCases {
  private record Geometry(Shape x, int filters, Window window, int groups) {
    Geometry grouped(int count) {
      return new Geometry(x, filters, window, count);
    }

    long[] weight() {
      return new long[] {filters, x.dim(1) / groups, window.height(), window.width()};
    }

    long[] dy() {
      return window.slide("case", x, filters).dims();
    }
  }

  private static final List<Geometry> GEOMETRIES =
      List.of(
          // LeNet-5
          geometry(4, 1, 28, 28, 6, Window.of(5).pad(2)),
          geometry(4, 6, 14, 14, 16, Window.of(5)),
          // least of everything
          geometry(1, 1, 1, 1, 1, Window.of(1)),
          geometry(1, 1, 1, 9, 1, Window.of(1, 3)),
          // channels on both sides of vectors and tiles
          geometry(2, 3, 8, 8, 8, Window.of(3).pad(1)),
          geometry(2, 7, 5, 6, 9, Window.of(3).pad(1)),
          geometry(2, 8, 7, 7, 16, Window.of(3)),
          geometry(1, 9, 6, 5, 7, Window.of(3)),
          geometry(2, 31, 4, 4, 33, Window.of(3).pad(1)),
          geometry(2, 32, 4, 4, 32, Window.of(3).pad(1)),
          geometry(1, 33, 5, 4, 31, Window.of(1)),
          geometry(9, 5, 3, 3, 12, Window.of(3)),
          geometry(1, 16, 2, 3, 16, Window.of(3).pad(1)),
          geometry(3, 17, 7, 9, 20, Window.of(3).pad(1)),
          geometry(1, 18, 3, 37, 16, Window.of(3).pad(1)),
          // widths on both sides of vectors and tiles
          geometry(1, 2, 3, 31, 4, Window.of(3).pad(1)),
          geometry(1, 2, 3, 32, 4, Window.of(3).pad(1)),
          geometry(1, 2, 3, 33, 4, Window.of(3).pad(1)),
          geometry(1, 16, 3, 24, 18, Window.of(1)),
          geometry(1, 3, 12, 13, 16, Window.of(3)),
          // strides that do and do not fit, windows that are not square, much padding
          geometry(2, 4, 9, 9, 8, Window.of(3).stride(2).pad(1)),
          geometry(2, 4, 8, 11, 8, Window.of(3).stride(2)),
          geometry(2, 5, 9, 8, 6, Window.of(1).stride(2)),
          geometry(3, 5, 4, 16, 7, Window.of(1).stride(2)),
          geometry(2, 9, 5, 16, 17, Window.of(1).stride(2)),
          geometry(1, 2, 7, 20, 16, Window.of(3).stride(2)),
          geometry(1, 5, 7, 26, 17, Window.of(3).stride(3).pad(1).dilation(2)),
          geometry(2, 4, 9, 8, 13, Window.of(1).stride(3, 2)),
          geometry(2, 3, 5, 6, 4, Window.of(1).stride(1, 2)),
          geometry(2, 3, 9, 8, 5, Window.of(3, 2).stride(2, 3).pad(1, 0)),
          geometry(2, 3, 4, 12, 5, Window.of(1, 7).pad(0, 3)),
          geometry(2, 3, 12, 4, 5, Window.of(7, 1).pad(3, 0)),
          geometry(1, 3, 6, 6, 4, Window.of(3).pad(2)),
          // the window takes the whole input; the window is larger than a vector
          geometry(3, 4, 5, 6, 7, Window.of(5, 6)),
          geometry(1, 3, 27, 35, 8, Window.of(11).stride(4).pad(2)),
          // more samples, rows or columns than a tile, a slice or a near cache takes at once
          geometry(17, 6, 5, 4, 19, Window.of(3).pad(1)),
          geometry(17, 8, 32, 33, 17, Window.of(1)),
          geometry(3, 3, 7, 40, 17, Window.of(3, 5).stride(1, 2).pad(1, 2)),
          geometry(1, 15, 3, 4, 35, Window.of(3).pad(1)),
          geometry(1, 3, 40, 37, 17, Window.of(3).pad(1)),
          geometry(17, 1, 8, 9, 6, Window.of(3)),
          geometry(25, 2, 5, 6, 4, Window.of(2)),
          geometry(2, 16, 7, 35, 16, Window.of(3).stride(2).pad(1)),
          // dilation
          geometry(2, 3, 9, 9, 8, Window.of(3).dilation(2)),
          geometry(1, 8, 11, 12, 8, Window.of(3).stride(2).pad(2).dilation(2)),
          geometry(1, 2, 10, 9, 3, new Window(2, 3, 1, 2, 1, 2, 3, 2)),
          // groups, depthwise, depthwise with two filters a channel
          geometry(2, 6, 6, 6, 4, Window.of(3).pad(1)).grouped(2),
          geometry(2, 16, 5, 5, 32, Window.of(3).pad(1)).grouped(2),
          geometry(3, 8, 6, 6, 14, Window.of(1)).grouped(2),
          geometry(2, 32, 5, 4, 34, Window.of(3).pad(1)).grouped(2),
          geometry(2, 9, 6, 7, 9, Window.of(3).pad(1)).grouped(9),
          geometry(1, 32, 6, 6, 32, Window.of(3).stride(2).pad(1)).grouped(32),
          geometry(3, 12, 2, 2, 12, Window.of(3).pad(1)).grouped(12),
          geometry(2, 17, 2, 1, 17, Window.of(3).stride(2).pad(1)).grouped(17),
          geometry(2, 5, 6, 6, 10, Window.of(3)).grouped(5));

  /** Filters that make two parts in the pass backward to the weights. */
  private static final Geometry MANY_FILTERS = geometry(1, 16, 3, 4, 257, Window.of(3).pad(1));

  /** Few weights of several panels of filters, and more panels than are taken at once. */
  private static final Geometry SOME_PANELS = geometry(5, 11, 4, 5, 41, Window.of(5).pad(2));

  private static final Geometry MANY_PANELS = geometry(4, 6, 2, 2, 265, Window.of(5).pad(2));

  /** Blocks of samples, bands of rows and tiles that are more than cores take at once. */
  private static final List<Geometry> LARGE_FORWARD =
      List.of(
          geometry(97, 4, 3, 4, 26, Window.of(3).pad(1)),
          geometry(1, 4, 31, 37, 17, Window.of(3).pad(1)),
          geometry(17, 17, 4, 6, 16, Window.of(3).pad(1)));

  private ConvolutionCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    for (Geometry geometry : GEOMETRIES) {
      boolean even = cases.size() % 2 == 0;
      cases.add(forward(geometry, Fill.UNIT, true, false));
      cases.add(forward(geometry, Fill.UNIT, even, true));
      cases.add(forward(geometry, Fill.INTEGERS, !even, false).exact());
      cases.add(backwardData(geometry, Fill.UNIT));
      cases.add(backwardData(geometry, Fill.INTEGERS).exact());
      cases.add(backwardWeights(geometry, Fill.UNIT, true));
      cases.add(backwardWeights(geometry, Fill.INTEGERS, !even).exact());
    }
    // Its ways are those of the convolution without it, tried above.
    for (int i = 0; i < GEOMETRIES.size(); i += 2) {
      cases.add(forwardAdd(GEOMETRIES.get(i), Fill.UNIT, i % 4 == 0));
    }
    for (Geometry geometry : LARGE_FORWARD) {
      cases.add(forward(geometry, Fill.INTEGERS, true, true).exact());
    }
    cases.add(backwardWeights(MANY_FILTERS, Fill.UNIT, true));
    cases.add(backwardWeights(MANY_FILTERS, Fill.INTEGERS, true).exact());
    cases.add(backwardWeights(SOME_PANELS, Fill.UNIT, true));
    cases.add(backwardWeights(SOME_PANELS, Fill.INTEGERS, false).exact());
    cases.add(backwardWeights(MANY_PANELS, Fill.INTEGERS, true).exact());
    Geometry some = geometry(2, 3, 6, 6, 9, Window.of(3).pad(1));
    cases.add(forward(some, Fill.UNIT, true, false).broken(0));
    cases.add(forwardAdd(some, Fill.INTEGERS, true).exact());
    cases.add(forwardAdd(some, Fill.UNIT, false).broken(3));
    cases.add(backwardData(some, Fill.UNIT).broken(0));
    cases.add(backwardWeights(some, Fill.UNIT, true).broken(1));
    return cases;
  }

  private static OpCase forward(Geometry geometry, Fill fill, boolean bias, boolean relu) {
    Op op = new Conv2d(geometry.window(), geometry.groups(), relu);
    List<OpCase.Input> inputs = new ArrayList<>();
    inputs.add(OpCase.f32(fill, geometry.x().dims()));
    inputs.add(OpCase.f32(fill, geometry.weight()));
    if (bias) {
      inputs.add(OpCase.f32(fill, geometry.filters()));
    }
    return OpCase.of(op, inputs);
  }

  private static OpCase forwardAdd(Geometry geometry, Fill fill, boolean relu) {
    return OpCase.of(
        new Conv2dAdd(geometry.window(), geometry.groups(), relu),
        OpCase.f32(fill, geometry.x().dims()),
        OpCase.f32(fill, geometry.weight()),
        OpCase.f32(fill, geometry.filters()),
        OpCase.f32(fill, geometry.dy()));
  }

  private static OpCase backwardData(Geometry geometry, Fill fill) {
    Op op = new Conv2dBackwardData(geometry.window(), geometry.groups(), geometry.x());
    return OpCase.of(op, OpCase.f32(fill, geometry.dy()), OpCase.f32(fill, geometry.weight()));
  }

  private static OpCase backwardWeights(Geometry geometry, Fill fill, boolean bias) {
    Op op = new Conv2dBackwardWeights(geometry.window(), geometry.groups(), bias);
    return OpCase.of(op, OpCase.f32(fill, geometry.x().dims()), OpCase.f32(fill, geometry.dy()));
  }

  private static Geometry geometry(int n, int c, int h, int w, int filters, Window window) {
    return new Geometry(Shape.of(n, c, h, w), filters, window, 1);
  }
}
