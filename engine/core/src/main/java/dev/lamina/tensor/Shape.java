package dev.lamina.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The logical extents of a tensor, outermost first; images are {@code [n, c, h, w]}. Immutable. */
public final class Shape {
  private final long[] dims;

  private Shape(long[] dims) {
    this.dims = dims;
  }

  /**
   * Makes a shape; no extents at all is a scalar.
   *
   * @throws ShapeException if an extent is not positive or the element count overflows a long
   */
  public static Shape of(long... dims) {
    Shape shape = new Shape(dims.clone());
    long elements = 1;
    for (long dim : dims) {
      if (dim < 1) {
        throw new ShapeException("shape " + shape + " has an extent below 1");
      }
      try {
        elements = Math.multiplyExact(elements, dim);
      } catch (ArithmeticException overflow) {
        throw new ShapeException("shape " + shape + " has more elements than a long counts");
      }
    }
    return shape;
  }

  /** Returns the number of extents. */
  public int rank() {
    return dims.length;
  }

  /** Returns extent {@code axis}; a negative axis counts from the end. */
  public long dim(int axis) {
    return dims[axis < 0 ? axis + dims.length : axis];
  }

  /** Returns extent {@code axis} as an int; fails if it does not fit. */
  public int size(int axis) {
    return Math.toIntExact(dim(axis));
  }

  /** Returns a copy of the extents. */
  public long[] dims() {
    return dims.clone();
  }

  /** Returns the product of all extents. */
  public long elements() {
    long product = 1;
    for (long dim : dims) {
      product *= dim;
    }
    return product;
  }

  /** Returns this shape with extent {@code axis} replaced. */
  public Shape with(int axis, long dim) {
    long[] changed = dims.clone();
    changed[axis] = dim;
    return of(changed);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** Returns the extents as {@code [64,1,28,28]}. */
  @Override
  public String toString() {
    return Arrays.stream(dims).mapToObj(Long::toString).collect(Collectors.joining(",", "[", "]"));
  }
}
