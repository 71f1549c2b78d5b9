package dev.lamina.cuda.call;

import dev.lamina.op.Window;

/**
 * A convolution's extents: {@code x [n, c, h, w]}, {@code weight [k, c / groups, kh, kw]}, {@code y
 * [n, k, oh, ow]}, dense.
 *
 * @param window extents, strides, padding, dilation
 */
public record ConvolutionShape(
    int n, int c, int h, int w, int k, int oh, int ow, Window window, int groups) {
  /** Returns the bytes of x. */
  public long bytesX() {
    return 4L * n * c * h * w;
  }

  /** Returns the bytes of the weight. */
  public long bytesWeight() {
    return 4L * k * (c / groups) * window.height() * window.width();
  }

  /** Returns the bytes of y. */
  public long bytesY() {
    return 4L * n * k * oh * ow;
  }
}
