package dev.lamina.testkit;

import dev.lamina.op.AvgPool2d;
import dev.lamina.op.AvgPool2dBackward;
import dev.lamina.op.MaxPool2d;
import dev.lamina.op.MaxPool2dBackward;
import dev.lamina.op.Window;
import dev.lamina.tensor.Shape;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Poolings. Maximum pooling runs on inputs full of equal values, and its backward pass on what the
 * device's own forward pass left.
 */
final class PoolingCases {
  private record Geometry(Shape x, Window window) {
    long[] y() {
      return window.slide("case", x, x.dim(1)).dims();
    }
  }

  private static final List<Geometry> GEOMETRIES =
      List.of(
          // LeNet-5
          geometry(4, 6, 28, 28, Window.of(2).stride(2)),
          geometry(4, 16, 10, 10, Window.of(2).stride(2)),
          geometry(1, 1, 1, 1, Window.of(1)),
          geometry(1, 1, 2, 3, Window.of(2)),
          // ResNet's and AlexNet's: windows overlap
          geometry(2, 8, 9, 9, Window.of(3).stride(2).pad(1)),
          geometry(2, 9, 8, 7, Window.of(3).stride(2)),
          geometry(1, 33, 6, 5, Window.of(3).pad(1)),
          // the last rows and columns are left over; inputs between windows are never seen
          geometry(2, 3, 8, 9, Window.of(3).stride(3)),
          geometry(2, 7, 9, 8, Window.of(2).stride(3)),
          // not square
          geometry(2, 5, 6, 11, Window.of(2, 3).stride(2, 1).pad(1, 0)),
          geometry(1, 31, 3, 33, Window.of(1, 4).stride(1, 2).pad(0, 2)),
          // the whole image; more positions than a byte counts
          geometry(3, 32, 4, 5, Window.of(4, 5)),
          geometry(1, 2, 18, 19, Window.of(17)));

  private PoolingCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    for (Geometry geometry : GEOMETRIES) {
      for (Fill fill : List.of(Fill.TIES, Fill.UNIT)) {
        cases.add(max(geometry, fill, true).exact());
        cases.add(max(geometry, fill, false).exact());
        cases.add(maxBackward(geometry, fill));
      }
      for (boolean countPadding : new boolean[] {false, true}) {
        cases.add(average(geometry, countPadding));
        cases.add(averageBackward(geometry, countPadding));
      }
    }
    Geometry some = geometry(2, 3, 6, 6, Window.of(2).stride(2));
    cases.add(average(some, true).broken(0));
    cases.add(averageBackward(some, true).broken(0));
    return cases;
  }

  private static OpCase max(Geometry geometry, Fill fill, boolean saved) {
    return OpCase.of(
        new MaxPool2d(geometry.window(), saved), OpCase.f32(fill, geometry.x().dims()));
  }

  /** The gradients are integers: where windows overlap, their sum is exact in any order. */
  private static OpCase maxBackward(Geometry geometry, Fill fill) {
    OpCase forward = max(geometry, fill, true);
    TensorSpec where = forward.call(1).outputs().get(1);
    return OpCase.of(
            new MaxPool2dBackward(geometry.window(), geometry.x()),
            OpCase.f32(Fill.INTEGERS, geometry.y()),
            new OpCase.Input(where, Fill.ZEROS))
        .fed(1, forward, 1)
        .exact();
  }

  private static OpCase average(Geometry geometry, boolean countPadding) {
    return OpCase.of(
        new AvgPool2d(geometry.window(), countPadding), OpCase.f32(Fill.UNIT, geometry.x().dims()));
  }

  private static OpCase averageBackward(Geometry geometry, boolean countPadding) {
    return OpCase.of(
        new AvgPool2dBackward(geometry.window(), countPadding, geometry.x()),
        OpCase.f32(Fill.UNIT, geometry.y()));
  }

  private static Geometry geometry(int n, int c, int h, int w, Window window) {
    return new Geometry(Shape.of(n, c, h, w), window);
  }
}
