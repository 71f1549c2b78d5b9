package dev.lamina.cuda.call;

/**
 * A product of row-major matrices, {@code c [rows, columns] = a * b}, each dense.
 *
 * @param rows of c
 * @param columns of c
 * @param inner extent that is summed over
 * @param transposeA whether a is given as {@code [inner, rows]}
 * @param transposeB whether b is given as {@code [columns, inner]}
 */
public record Gemm(int rows, int columns, int inner, boolean transposeA, boolean transposeB) {
  /** Returns the bytes of a. */
  public long bytesA() {
    return 4L * rows * inner;
  }

  /** Returns the bytes of b. */
  public long bytesB() {
    return 4L * inner * columns;
  }

  /** Returns the bytes of c. */
  public long bytesC() {
    return 4L * rows * columns;
  }
}
