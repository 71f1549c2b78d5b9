package dev.lamina.cuda.call;

import dev.lamina.device.Precision;
import dev.lamina.op.Window;

/**
 * A convolution's extents and arithmetic, dense. In {@code f32} the operands are {@code x [n, c, h,
 * w]}, {@code weight [k, c / groups, kh, kw]}, {@code y [n, k, oh, ow]}, in the others {@code x [n,
 * h, w, c]}, {@code weight [k, kh, kw, c / groups]}, {@code y [n, oh, ow, k]}, which tensor cores
 * read as they lie. In {@code bf16} all three are bfloat16.
 *
 * @param window extents, strides, padding, dilation
 */
public record ConvolutionShape(
    int n,
    int c,
    int h,
    int w,
    int k,
    int oh,
    int ow,
    Window window,
    int groups,
    Precision precision) {
  /** Returns the bytes of x. */
  public long bytesX() {
    return width() * n * c * h * w;
  }

  /** Returns the bytes of the weight. */
  public long bytesWeight() {
    return width() * k * (c / groups) * window.height() * window.width();
  }

  /** Returns the bytes of y. */
  public long bytesY() {
    return width() * n * k * oh * ow;
  }

  private long width() {
    return precision == Precision.BF16 ? Short.BYTES : Float.BYTES;
  }
}
