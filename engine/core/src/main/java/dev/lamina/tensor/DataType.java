package dev.lamina.tensor;

import java.util.Locale;

/** Element types of tensors. */
public enum DataType {
  /** IEEE 754 single precision: the default of all arithmetic. */
  F32(4),
  /** The upper half of an F32: compute type of the {@code bf16} precision. */
  BF16(2),
  /** Signed 32-bit integer: labels, indices. */
  I32(4),
  /** Unsigned byte: pixels as data sets store them. */
  U8(1);

  private final int bytes;

  DataType(int bytes) {
    this.bytes = bytes;
  }

  /** Returns the size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
