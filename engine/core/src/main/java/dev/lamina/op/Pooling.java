package dev.lamina.op;

import dev.lamina.tensor.ShapeException;

/** Checks that both poolings share. */
final class Pooling {
  private Pooling() {}

  static void check(String op, Window window) {
    if (window.padHeight() * 2 > window.height() || window.padWidth() * 2 > window.width()) {
      throw new ShapeException(op + ": padding exceeds half the window (" + window + ")");
    }
    if (window.dilationHeight() != 1 || window.dilationWidth() != 1) {
      throw new ShapeException(op + ": a pooling window cannot be dilated (" + window + ")");
    }
  }
}
