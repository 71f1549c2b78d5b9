package dev.lamina.cpu.onednn;

/**
 * How a convolution's or pooling's window moves over a plane; pairs are {height, width}.
 *
 * @param stride step between windows
 * @param dilation distance between the taps of a window; 1 means adjacent
 * @param padBefore zeros above and left of the plane
 * @param padAfter zeros below and right of the plane
 */
public record Window(long[] stride, long[] dilation, long[] padBefore, long[] padAfter) {

  /** A dense window with the same stride and padding in both directions. */
  public static Window of(long stride, long pad) {
    return new Window(
        new long[] {stride, stride},
        new long[] {1, 1},
        new long[] {pad, pad},
        new long[] {pad, pad});
  }

  /** Extent of the result along one axis. */
  public long extent(int axis, long input, long kernel) {
    long reach = (kernel - 1) * dilation[axis] + 1;
    return (input + padBefore[axis] + padAfter[axis] - reach) / stride[axis] + 1;
  }

  /** oneDNN counts dilation from zero. */
  long[] zeroBasedDilation() {
    return new long[] {dilation[0] - 1, dilation[1] - 1};
  }
}
