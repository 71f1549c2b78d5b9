package dev.lamina.cuda.call;

import dev.lamina.device.Precision;

/**
 * A product of row-major matrices, {@code c [rows, columns] = a * b}, each dense. In {@code bf16} a
 * and b are bfloat16; c is single precision always.
 *
 * @param rows of c
 * @param columns of c
 * @param inner extent that is summed over
 * @param transposeA whether a is given as {@code [inner, rows]}
 * @param transposeB whether b is given as {@code [columns, inner]}
 * @param precision arithmetic; sums are single precision always
 */
public record Gemm(
    int rows, int columns, int inner, boolean transposeA, boolean transposeB, Precision precision) {
  /** Returns the bytes of a. */
  public long bytesA() {
    return width() * rows * inner;
  }

  /** Returns the bytes of b. */
  public long bytesB() {
    return width() * inner * columns;
  }

  /** Returns the bytes of c. */
  public long bytesC() {
    return 4L * rows * columns;
  }

  private long width() {
    return precision == Precision.BF16 ? Short.BYTES : Float.BYTES;
  }
}
