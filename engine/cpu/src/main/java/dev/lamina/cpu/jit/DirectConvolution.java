package dev.lamina.cpu.jit;

/**
 * A convolution of images with few channels.
 *
 * <p>Images lie as rows of pixels, a pixel as {@code pitch} floats of which the first {@code
 * channels} count. Weights lie as [filters / 8][kernelHeight][kernelWidth][channels][8], zero where
 * there is no filter. Results lie as pixels of {@code resultPitch} floats, whole vectors, zero
 * where there is no filter.
 *
 * @param images number of images
 * @param height of an image
 * @param width of an image
 * @param channels of an image
 * @param pitch floats of a pixel of the image
 * @param kernelHeight of the convolution
 * @param kernelWidth of the convolution
 * @param strideHeight of the convolution
 * @param strideWidth of the convolution
 * @param padHeight zeros around the image
 * @param padWidth zeros around the image
 * @param filters channels of the result
 * @param resultPitch floats of a pixel of the result
 * @param bias whether there is one
 * @param relu whether negative results become zero
 * @param windowHeight rows of a max-pooling window, which is also the pooling's stride; 0 for none
 * @param windowWidth pixels in a row of a window; 0 for none
 */
public record DirectConvolution(
    int images,
    int height,
    int width,
    int channels,
    int pitch,
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int padHeight,
    int padWidth,
    int filters,
    int resultPitch,
    boolean bias,
    boolean relu,
    int windowHeight,
    int windowWidth) {

  /** Rows of the result. */
  public int outHeight() {
    return (height + 2 * padHeight - kernelHeight) / strideHeight + 1;
  }

  /** Pixels in a row of the result. */
  public int outWidth() {
    return (width + 2 * padWidth - kernelWidth) / strideWidth + 1;
  }

  /** Whether only the largest result of each window is kept, and where it was. */
  boolean pooled() {
    return windowHeight > 0;
  }

  /** Vectors of filters. */
  int filterVectors() {
    return (filters + Routine.LANES - 1) / Routine.LANES;
  }

  /** Whether the image needs a border of zeros. */
  boolean padded() {
    return padHeight > 0 || padWidth > 0;
  }

  /** Floats of a row of the image, with its border if it has one. */
  int tileRow() {
    return (width + 2 * padWidth) * pitch;
  }

  /** Floats of the image with its border, whole vectors. */
  int tileFloats() {
    int floats = (height + 2 * padHeight) * tileRow();
    return (floats + Routine.LANES - 1) / Routine.LANES * Routine.LANES;
  }
}
