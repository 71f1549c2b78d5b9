package dev.lamina.kernels;

import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/** A sliding window and what it slides over, as window.cl has them. */
final class WindowArgument {
  private WindowArgument() {}

  /** Returns the window of a pooling. */
  static KernelArgument of(CallBuilder builder, Window window, TensorSpec x, TensorSpec y) {
    return of(builder, window, x, y, 1, 1, 1);
  }

  /**
   * Returns the window of a convolution.
   *
   * @param channels of a group
   * @param filters of a group
   */
  static KernelArgument of(
      CallBuilder builder,
      Window window,
      TensorSpec x,
      TensorSpec y,
      int groups,
      long channels,
      long filters) {
    return new KernelArgument.Struct(
        List.of(
            builder.count(x.dim(2)),
            builder.count(x.dim(3)),
            builder.count(y.dim(2)),
            builder.count(y.dim(3)),
            window.height(),
            window.width(),
            window.strideHeight(),
            window.strideWidth(),
            window.padHeight(),
            window.padWidth(),
            window.dilationHeight(),
            window.dilationWidth(),
            groups,
            builder.count(channels),
            builder.count(filters)));
  }
}
