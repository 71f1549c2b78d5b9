package dev.lamina.cpu.onednn;

/**
 * Convolution as seven nested loops in double precision, on row-major arrays.
 *
 * @param groups weights are (out, in / groups, kernelHeight, kernelWidth)
 */
record NaiveConvolution(
    int batch,
    int groups,
    int inChannels,
    int outChannels,
    int height,
    int width,
    int kernelHeight,
    int kernelWidth,
    Window window) {

  int outHeight() {
    return (int) window.extent(0, height, kernelHeight);
  }

  int outWidth() {
    return (int) window.extent(1, width, kernelWidth);
  }

  long[] srcDims() {
    return new long[] {batch, inChannels, height, width};
  }

  long[] dstDims() {
    return new long[] {batch, outChannels, outHeight(), outWidth()};
  }

  long[] weightDims() {
    return groups == 1
        ? new long[] {outChannels, inChannels, kernelHeight, kernelWidth}
        : new long[] {groups, outChannels / groups, inChannels / groups, kernelHeight, kernelWidth};
  }

  /** Called for each product: indices into source, weights and destination. */
  private interface Term {
    void at(int src, int weight, int dst);
  }

  private void forEach(Term term) {
    int inPerGroup = inChannels / groups;
    int outPerGroup = outChannels / groups;
    for (int n = 0; n < batch; n++) {
      for (int o = 0; o < outChannels; o++) {
        for (int y = 0; y < outHeight(); y++) {
          for (int x = 0; x < outWidth(); x++) {
            int dst = ((n * outChannels + o) * outHeight() + y) * outWidth() + x;
            for (int i = 0; i < inPerGroup; i++) {
              int c = o / outPerGroup * inPerGroup + i;
              for (int ky = 0; ky < kernelHeight; ky++) {
                for (int kx = 0; kx < kernelWidth; kx++) {
                  long sy = y * window.stride()[0] + ky * window.dilation()[0];
                  long sx = x * window.stride()[1] + kx * window.dilation()[1];
                  int iy = (int) (sy - window.padBefore()[0]);
                  int ix = (int) (sx - window.padBefore()[1]);
                  if (iy >= 0 && iy < height && ix >= 0 && ix < width) {
                    term.at(
                        ((n * inChannels + c) * height + iy) * width + ix,
                        ((o * inPerGroup + i) * kernelHeight + ky) * kernelWidth + kx,
                        dst);
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  double[] forward(float[] src, float[] weights, float[] bias, boolean relu) {
    double[] dst = new double[batch * outChannels * outHeight() * outWidth()];
    forEach((s, w, d) -> dst[d] += (double) src[s] * weights[w]);
    int plane = outHeight() * outWidth();
    for (int i = 0; i < dst.length; i++) {
      dst[i] += bias[i / plane % outChannels];
      if (relu) {
        dst[i] = Math.max(dst[i], 0);
      }
    }
    return dst;
  }

  double[] backwardData(float[] weights, float[] diffDst) {
    double[] diffSrc = new double[batch * inChannels * height * width];
    forEach((s, w, d) -> diffSrc[s] += (double) weights[w] * diffDst[d]);
    return diffSrc;
  }

  double[] backwardWeights(float[] src, float[] diffDst) {
    double[] diff = new double[outChannels * (inChannels / groups) * kernelHeight * kernelWidth];
    forEach((s, w, d) -> diff[w] += (double) src[s] * diffDst[d]);
    return diff;
  }

  double[] backwardBias(float[] diffDst) {
    double[] diff = new double[outChannels];
    int plane = outHeight() * outWidth();
    for (int i = 0; i < diffDst.length; i++) {
      diff[i / plane % outChannels] += diffDst[i];
    }
    return diff;
  }
}
