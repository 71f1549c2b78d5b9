package dev.lamina.cpu.jit;

/**
 * A convolution whose channels and filters lie in blocks of eight: images {@code
 * [n][channels/8][height][width][8]}, results likewise, weights {@code
 * [filters/8][channels/8][kernelHeight][kernelWidth][8 channels][8 filters]}.
 *
 * @param channels a multiple of 8; of 16 where the gradient of the image is wanted
 * @param filters a multiple of 16
 * @param kernelWidth at most 6
 * @param bias whether the gradient of a bias is wanted
 */
public record BlockedConvolution(
    int images,
    int channels,
    int height,
    int width,
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int padHeight,
    int padWidth,
    int filters,
    int outHeight,
    int outWidth,
    boolean bias) {
  /** Channels or filters in a block. */
  public static final int BLOCK = Routine.LANES;

  /** The widest kernel whose sums, of two blocks of filters, fit the registers. */
  public static final int MOST_WIDTH = 6;

  /** Checks what code can be written for. */
  public BlockedConvolution {
    if (channels % BLOCK != 0 || filters % (2 * BLOCK) != 0 || kernelWidth > MOST_WIDTH) {
      throw new IllegalArgumentException(
          "no blocked convolution of %d channels, %d filters, kernel width %d"
              .formatted(channels, filters, kernelWidth));
    }
  }

  /**
   * Returns the convolution that leads from the gradient of the result to that of the image: taps
   * run the other way, and the padding is what a whole overlap leaves of the kernel.
   */
  BlockedConvolution reversed() {
    if (strideHeight != 1 || strideWidth != 1) {
      throw new IllegalArgumentException("only stride 1 can be reversed, not " + this);
    }
    return new BlockedConvolution(
        images,
        filters,
        outHeight,
        outWidth,
        kernelHeight,
        kernelWidth,
        1,
        1,
        kernelHeight - 1 - padHeight,
        kernelWidth - 1 - padWidth,
        channels,
        height,
        width,
        false);
  }

  /** Bytes of a block of an image. */
  int planeBytes() {
    return height * width * BLOCK * Float.BYTES;
  }

  /** Bytes of a block of a result. */
  int outPlaneBytes() {
    return outHeight * outWidth * BLOCK * Float.BYTES;
  }

  /** Bytes of the weights between a block of channels and a block of filters. */
  int tileBytes() {
    return kernelHeight * kernelWidth * BLOCK * BLOCK * Float.BYTES;
  }
}
