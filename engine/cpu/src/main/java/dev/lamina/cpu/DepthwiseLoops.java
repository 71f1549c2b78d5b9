package dev.lamina.cpu;

import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gradients of weights of convolutions that see one channel each, in Java, channels last: for
 * images of a few pixels, such as the last stages of ShuffleNetV2 on small samples. oneDNN has the
 * matrix product alone there, one for each sample and channel.
 */
final class DepthwiseLoops {
  private static final String CHANNELS_LAST = "acdb";

  private DepthwiseLoops() {}

  static List<CpuWay> backwardWeights(Conv2dBackwardWeights op, OpCall call) {
    TensorSpec x = call.inputs().get(0);
    TensorSpec dy = call.inputs().get(1);
    long row = Math.max(x.elements() / x.dim(0), dy.elements() / dy.dim(0));
    if (op.groups() != x.dim(1) || x.dim(1) != dy.dim(1) || row > Integer.MAX_VALUE) {
      return List.of();
    }
    List<Layout> outputs = new ArrayList<>();
    call.outputs().forEach(spec -> outputs.add(Generated.canonical(spec)));
    return List.of(
        Generated.way(
            call,
            "loop",
            List.of(Generated.layout(CHANNELS_LAST, x), Generated.layout(CHANNELS_LAST, dy)),
            outputs,
            () ->
                (in, out, workspace) -> {
                  Sums sums = new Sums(op, x, dy);
                  FloatBuffer images = in.get(0).floats();
                  FloatBuffer gradients = in.get(1).floats();
                  FloatBuffer[] results = UpdateLoops.floats(out, 0);
                  return () -> sums.run(images, gradients, results);
                }));
  }

  /** The gradients of one call as they grow. */
  private static final class Sums {
    private final Window window;
    private final boolean bias;
    private final int samples;
    private final int channels;
    private final int height;
    private final int width;
    private final int outHeight;
    private final int outWidth;
    private final float[] image;
    private final float[] gradient;

    /** By position under the window, then channel. */
    private final float[] weights;

    private final float[] biases;
    private final float[] turned;

    Sums(Conv2dBackwardWeights op, TensorSpec x, TensorSpec dy) {
      window = op.window();
      bias = op.bias();
      samples = x.shape().size(0);
      channels = x.shape().size(1);
      height = x.shape().size(2);
      width = x.shape().size(3);
      outHeight = dy.shape().size(2);
      outWidth = dy.shape().size(3);
      image = new float[channels * height * width];
      gradient = new float[channels * outHeight * outWidth];
      weights = new float[window.area() * channels];
      biases = new float[channels];
      turned = new float[weights.length];
    }

    void run(FloatBuffer images, FloatBuffer gradients, FloatBuffer[] results) {
      Arrays.fill(weights, 0);
      Arrays.fill(biases, 0);
      for (int n = 0; n < samples; n++) {
        images.get(n * image.length, image);
        gradients.get(n * gradient.length, gradient);
        for (int y = 0; y < outHeight; y++) {
          for (int x = 0; x < outWidth; x++) {
            addPixel(y, x);
          }
        }
      }
      int area = window.area();
      for (int c = 0; c < channels; c++) {
        for (int k = 0; k < area; k++) {
          turned[c * area + k] = weights[k * channels + c];
        }
      }
      results[0].put(0, turned);
      if (bias) {
        results[1].put(0, biases);
      }
    }

    private void addPixel(int y, int x) {
      int dy = (y * outWidth + x) * channels;
      for (int ky = 0; ky < window.height(); ky++) {
        int sourceY = y * window.strideHeight() - window.padHeight() + ky * window.dilationHeight();
        for (int kx = 0; kx < window.width(); kx++) {
          int sourceX = x * window.strideWidth() - window.padWidth() + kx * window.dilationWidth();
          if (sourceY >= 0 && sourceY < height && sourceX >= 0 && sourceX < width) {
            int from = (sourceY * width + sourceX) * channels;
            addProducts(from, dy, (ky * window.width() + kx) * channels);
          }
        }
      }
      if (bias) {
        for (int c = 0; c < channels; c++) {
          biases[c] += gradient[dy + c];
        }
      }
    }

    private void addProducts(int from, int dy, int to) {
      for (int c = 0; c < channels; c++) {
        weights[to + c] += image[from + c] * gradient[dy + c];
      }
    }
  }
}
