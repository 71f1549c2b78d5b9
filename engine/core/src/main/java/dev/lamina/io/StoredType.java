package dev.lamina.io;

/** Element types of the safetensors format; multi-byte values are little-endian. */
public enum StoredType {
  /** One byte, 0 or 1. */
  BOOL(1),
  /** Unsigned byte. */
  U8(1),
  /** Signed byte. */
  I8(1),
  /** Eight-bit float with five bits of exponent. */
  F8_E5M2(1),
  /** Eight-bit float with four bits of exponent. */
  F8_E4M3(1),
  /** Signed 16-bit integer. */
  I16(2),
  /** Unsigned 16-bit integer. */
  U16(2),
  /** IEEE 754 half precision. */
  F16(2),
  /** The upper half of an F32. */
  BF16(2),
  /** Signed 32-bit integer. */
  I32(4),
  /** Unsigned 32-bit integer. */
  U32(4),
  /** IEEE 754 single precision. */
  F32(4),
  /** Signed 64-bit integer. */
  I64(8),
  /** Unsigned 64-bit integer. */
  U64(8),
  /** IEEE 754 double precision. */
  F64(8);

  private final int bytes;

  StoredType(int bytes) {
    this.bytes = bytes;
  }

  /** Returns the size of one element in bytes. */
  public int bytes() {
    return bytes;
  }
}
