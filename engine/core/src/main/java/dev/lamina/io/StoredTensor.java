package dev.lamina.io;

import dev.lamina.tensor.Shape;

/**
 * A tensor of a file: dense, row-major, little-endian.
 *
 * @param name unique in the file
 * @param offset first byte in the file
 */
public record StoredTensor(String name, StoredType type, Shape shape, long offset) {
  /** Returns the number of bytes. */
  public long bytes() {
    return Math.multiplyExact(shape.elements(), (long) type.bytes());
  }

  /** Returns name, type and extents as {@code conv1.weight F32[6,1,5,5]}. */
  @Override
  public String toString() {
    return SafetensorsHeader.printable(name) + " " + type + shape;
  }
}
