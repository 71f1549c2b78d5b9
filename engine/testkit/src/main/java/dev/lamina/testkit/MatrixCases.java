package dev.lamina.testkit;

import dev.lamina.op.Linear;
import dev.lamina.op.LinearBackwardData;
import dev.lamina.op.LinearBackwardWeights;
import dev.lamina.op.MatMul;
import dev.lamina.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Matrix products in all transpositions, and the fully connected layer in its three passes. */
final class MatrixCases {
  /** Rows of a, inner extent, columns of b. */
  private static final int[][] PRODUCTS = {
    {1, 1, 1},
    {7, 9, 8},
    {31, 33, 32},
    {32, 32, 32},
    {33, 31, 65},
    {1, 70, 9},
    {8, 1, 9},
    {9, 70, 1},
    // more inner steps, and more of b, than a near cache takes at once; rows for several cores
    {7, 300, 227},
    {130, 33, 37}
  };

  private record Layer(Shape x, int units) {
    long features() {
      return x.elements() / x.dim(0);
    }
  }

  private static final List<Layer> LAYERS =
      List.of(
          // LeNet-5; the first layer flattens an image
          new Layer(Shape.of(9, 16, 5, 5), 120),
          new Layer(Shape.of(4, 120), 84),
          new Layer(Shape.of(4, 84), 10),
          new Layer(Shape.of(1, 1), 1),
          new Layer(Shape.of(7, 9), 8),
          new Layer(Shape.of(31, 33), 32),
          new Layer(Shape.of(32, 32), 33),
          new Layer(Shape.of(33, 31), 7),
          new Layer(Shape.of(1, 70), 9),
          new Layer(Shape.of(3, 9, 4, 3), 5),
          new Layer(Shape.of(2, 8, 3, 3), 16),
          new Layer(Shape.of(2, 3, 5), 6),
          // rows for several cores
          new Layer(Shape.of(33, 37), 131));

  /** Layers whose passes, one in each, are more than a near cache takes at once. */
  private static final Layer LARGE_FORWARD = new Layer(Shape.of(17, 3861), 19);

  private static final Layer LARGE_BACKWARD_DATA = new Layer(Shape.of(7, 297), 301);

  private static final Layer LARGE_BACKWARD_WEIGHTS = new Layer(Shape.of(261, 259), 7);

  private MatrixCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    for (int[] extents : PRODUCTS) {
      for (boolean transposeA : new boolean[] {false, true}) {
        for (boolean transposeB : new boolean[] {false, true}) {
          MatMul op = new MatMul(transposeA, transposeB);
          cases.add(product(op, extents, Fill.UNIT));
          cases.add(product(op, extents, Fill.INTEGERS).exact());
        }
      }
    }
    cases.add(product(new MatMul(), new int[] {5, 6, 7}, Fill.UNIT).broken(0));
    for (Layer layer : LAYERS) {
      boolean even = cases.size() % 2 == 0;
      cases.add(forward(layer, Fill.UNIT, true, false));
      cases.add(forward(layer, Fill.UNIT, even, true));
      cases.add(forward(layer, Fill.INTEGERS, !even, false).exact());
      cases.add(backwardData(layer, Fill.UNIT));
      cases.add(backwardData(layer, Fill.INTEGERS).exact());
      cases.add(backwardWeights(layer, Fill.UNIT, true));
      cases.add(backwardWeights(layer, Fill.INTEGERS, !even).exact());
    }
    cases.add(forward(LARGE_FORWARD, Fill.UNIT, true, true));
    cases.add(forward(LARGE_FORWARD, Fill.INTEGERS, true, true).exact());
    cases.add(backwardData(LARGE_BACKWARD_DATA, Fill.UNIT));
    cases.add(backwardData(LARGE_BACKWARD_DATA, Fill.INTEGERS).exact());
    cases.add(backwardWeights(LARGE_BACKWARD_WEIGHTS, Fill.UNIT, true));
    cases.add(backwardWeights(LARGE_BACKWARD_WEIGHTS, Fill.INTEGERS, true).exact());
    Layer some = new Layer(Shape.of(3, 10), 6);
    cases.add(forward(some, Fill.UNIT, true, false).broken(0));
    cases.add(backwardData(some, Fill.UNIT).broken(0));
    cases.add(backwardWeights(some, Fill.UNIT, true).broken(1));
    return cases;
  }

  private static OpCase product(MatMul op, int[] extents, Fill fill) {
    int m = extents[0];
    int k = extents[1];
    int n = extents[2];
    return OpCase.of(
        op,
        op.transposeA() ? OpCase.f32(fill, k, m) : OpCase.f32(fill, m, k),
        op.transposeB() ? OpCase.f32(fill, n, k) : OpCase.f32(fill, k, n));
  }

  private static OpCase forward(Layer layer, Fill fill, boolean bias, boolean relu) {
    List<OpCase.Input> inputs = new ArrayList<>();
    inputs.add(OpCase.f32(fill, layer.x().dims()));
    inputs.add(OpCase.f32(fill, layer.units(), layer.features()));
    if (bias) {
      inputs.add(OpCase.f32(fill, layer.units()));
    }
    return OpCase.of(new Linear(relu), inputs);
  }

  private static OpCase backwardData(Layer layer, Fill fill) {
    return OpCase.of(
        new LinearBackwardData(layer.x()),
        OpCase.f32(fill, layer.x().dim(0), layer.units()),
        OpCase.f32(fill, layer.units(), layer.features()));
  }

  private static OpCase backwardWeights(Layer layer, Fill fill, boolean bias) {
    return OpCase.of(
        new LinearBackwardWeights(bias),
        OpCase.f32(fill, layer.x().dims()),
        OpCase.f32(fill, layer.x().dim(0), layer.units()));
  }
}
