package dev.lamina.op;

import dev.lamina.tensor.Shape;
import dev.lamina.tensor.ShapeException;

/**
 * The sliding window of a convolution or pooling: extents, strides, zero padding on either side,
 * dilation (1 = dense).
 */
public record Window(
    int height,
    int width,
    int strideHeight,
    int strideWidth,
    int padHeight,
    int padWidth,
    int dilationHeight,
    int dilationWidth) {

  /** Checks the values. */
  public Window {
    if (height < 1
        || width < 1
        || strideHeight < 1
        || strideWidth < 1
        || dilationHeight < 1
        || dilationWidth < 1
        || padHeight < 0
        || padWidth < 0) {
      throw new ShapeException(
          "window "
              + text(height, width, strideHeight, strideWidth, padHeight, padWidth)
              + " dilation "
              + dilationHeight
              + "x"
              + dilationWidth
              + " needs extents, strides and dilations of at least 1 and padding of at least 0");
    }
  }

  /** Returns a square window with stride 1, no padding, no dilation. */
  public static Window of(int size) {
    return of(size, size);
  }

  /** Returns a window with stride 1, no padding, no dilation. */
  public static Window of(int height, int width) {
    return new Window(height, width, 1, 1, 0, 0, 1, 1);
  }

  /** Returns this window with another stride in both directions. */
  public Window stride(int stride) {
    return stride(stride, stride);
  }

  /** Returns this window with other strides. */
  public Window stride(int strideHeight, int strideWidth) {
    return new Window(
        height,
        width,
        strideHeight,
        strideWidth,
        padHeight,
        padWidth,
        dilationHeight,
        dilationWidth);
  }

  /** Returns this window with another padding on all sides. */
  public Window pad(int pad) {
    return pad(pad, pad);
  }

  /** Returns this window with other paddings. */
  public Window pad(int padHeight, int padWidth) {
    return new Window(
        height,
        width,
        strideHeight,
        strideWidth,
        padHeight,
        padWidth,
        dilationHeight,
        dilationWidth);
  }

  /** Returns this window with another dilation in both directions. */
  public Window dilation(int dilation) {
    return new Window(
        height, width, strideHeight, strideWidth, padHeight, padWidth, dilation, dilation);
  }

  /**
   * Returns the shape {@code [n, channels, oh, ow]} the window makes of {@code [n, c, h, w]}.
   *
   * @throws ShapeException if the input has not 4 extents, or is smaller than the window when
   *     padded
   */
  public Shape slide(String op, Shape input, long channels) {
    if (input.rank() != 4) {
      throw new ShapeException(op + ": input must have 4 extents, but is " + input);
    }
    long outHeight = extent(input.dim(2), height, strideHeight, padHeight, dilationHeight);
    long outWidth = extent(input.dim(3), width, strideWidth, padWidth, dilationWidth);
    if (outHeight < 1 || outWidth < 1) {
      throw new ShapeException(
          op + ": window " + this + " is larger than the padded input " + input);
    }
    return Shape.of(input.dim(0), channels, outHeight, outWidth);
  }

  /** Returns the number of positions under the window. */
  public int area() {
    return height * width;
  }

  private static long extent(long input, int size, int stride, int pad, int dilation) {
    long free = input + 2L * pad - ((long) dilation * (size - 1) + 1);
    return free < 0 ? 0 : free / stride + 1;
  }

  private static String text(int h, int w, int sh, int sw, int ph, int pw) {
    return h + "x" + w + " stride " + sh + "x" + sw + " pad " + ph + "x" + pw;
  }

  /** Returns the values as {@code 5x5 stride 1x1 pad 2x2}, with the dilation if there is one. */
  @Override
  public String toString() {
    String base = text(height, width, strideHeight, strideWidth, padHeight, padWidth);
    boolean dense = dilationHeight == 1 && dilationWidth == 1;
    return dense ? base : base + " dilation " + dilationHeight + "x" + dilationWidth;
  }
}
