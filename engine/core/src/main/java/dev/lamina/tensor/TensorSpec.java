package dev.lamina.tensor;

/** Element type and logical shape of a tensor. */
public record TensorSpec(DataType type, Shape shape) {
  /** Makes an F32 spec with these extents. */
  public static TensorSpec f32(long... dims) {
    return new TensorSpec(DataType.F32, Shape.of(dims));
  }

  /** Makes an I32 spec with these extents. */
  public static TensorSpec i32(long... dims) {
    return new TensorSpec(DataType.I32, Shape.of(dims));
  }

  /** Makes a U8 spec with these extents. */
  public static TensorSpec u8(long... dims) {
    return new TensorSpec(DataType.U8, Shape.of(dims));
  }

  /** Returns the size of the canonical (dense, row-major) form in bytes. */
  public long bytes() {
    return Math.multiplyExact(shape.elements(), (long) type.bytes());
  }

  /** Returns the number of elements. */
  public long elements() {
    return shape.elements();
  }

  /** Returns extent {@code axis} of the shape; a negative axis counts from the end. */
  public long dim(int axis) {
    return shape.dim(axis);
  }

  /** Returns type and extents as {@code f32[64,1,28,28]}. */
  @Override
  public String toString() {
    return type.toString() + shape;
  }
}
