package dev.lamina.cpu.jit;

/**
 * A convolution whose output's gradient comes out of a max-pooling, and so is zero but at one
 * position of each window.
 *
 * <p>Images lie as rows of pixels, a pixel as {@code pitch} floats: its channels, then zeros. The
 * gradient is given by window: its value and the winner's position in the window, row-major.
 *
 * @param images number of images
 * @param height of an image
 * @param width of an image
 * @param pitch floats of a pixel of the image
 * @param kernelHeight of the convolution
 * @param kernelWidth of the convolution
 * @param strideHeight of the convolution
 * @param strideWidth of the convolution
 * @param padHeight zeros around the image
 * @param padWidth zeros around the image
 * @param filters channels of the convolution's output
 * @param filterPitch values and positions per window: those of the filters, then padding
 * @param windowHeight of the pooling
 * @param windowWidth of the pooling
 * @param windowStrideHeight of the pooling
 * @param windowStrideWidth of the pooling
 */
public record PooledConvolution(
    int images,
    int height,
    int width,
    int pitch,
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int padHeight,
    int padWidth,
    int filters,
    int filterPitch,
    int windowHeight,
    int windowWidth,
    int windowStrideHeight,
    int windowStrideWidth) {

  /** Extents of the convolution's output. */
  public int outHeight() {
    return (height + 2 * padHeight - kernelHeight) / strideHeight + 1;
  }

  /** Extents of the convolution's output. */
  public int outWidth() {
    return (width + 2 * padWidth - kernelWidth) / strideWidth + 1;
  }

  /** Rows of windows. */
  public int pooledHeight() {
    return (outHeight() - windowHeight) / windowStrideHeight + 1;
  }

  /** Windows in a row. */
  public int pooledWidth() {
    return (outWidth() - windowWidth) / windowStrideWidth + 1;
  }

  /** Windows of one image. */
  public int windows() {
    return pooledHeight() * pooledWidth();
  }

  /** Positions in a window. */
  public int windowArea() {
    return windowHeight * windowWidth;
  }

  /** Bytes of the largest operand; distances in code have 32 bits. */
  public long largest() {
    long image = (long) images * height * width * pitch;
    long values = (long) images * windows() * filterPitch;
    return Math.max(image, values) * Float.BYTES;
  }

  /** Floats of a filter's row: they meet as many successive floats of an image's row. */
  public int run() {
    return kernelWidth * pitch;
  }

  /** Vectors that hold a filter's row. */
  int runVectors() {
    return (run() + Routine.LANES - 1) / Routine.LANES;
  }

  /** Vectors that hold a filter, each row in vectors of its own. */
  int filterVectors() {
    return kernelHeight * runVectors();
  }

  /** Whether a filter's row fills its vectors. */
  boolean wholeRuns() {
    return run() % Routine.LANES == 0;
  }

  /** Floats of a row of the image with its border, and room for the last vector read from it. */
  int tileRow() {
    return (width + 2 * padWidth) * pitch;
  }

  /** Floats of the image with its border, whole vectors. */
  int tileFloats() {
    int floats = (height + 2 * padHeight) * tileRow() + Routine.LANES;
    return (floats + Routine.LANES - 1) / Routine.LANES * Routine.LANES;
  }

  /** Floats of an image as it lies. */
  int imageFloats() {
    return height * width * pitch;
  }

  /** Bytes from a window's first position to position {@code k}, in rows of the given floats. */
  int offset(int k, int row) {
    int y = k / windowWidth * strideHeight;
    int x = k % windowWidth * strideWidth;
    return (y * row + x * pitch) * Float.BYTES;
  }

  /** Bytes from a window to its right neighbour. */
  int windowStep() {
    return windowStrideWidth * strideWidth * pitch * Float.BYTES;
  }

  /** Bytes from a window to its lower neighbour, in rows of the given floats. */
  int windowRowStep(int row) {
    return windowStrideHeight * strideHeight * row * Float.BYTES;
  }
}
