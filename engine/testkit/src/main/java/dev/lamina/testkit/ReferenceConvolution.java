package dev.lamina.testkit;

import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dAdd;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * The three convolutions as three uses of one loop nest: each product of the forward pass names an
 * element of x, of the weight and of y, and the backward passes run the same triples the other way.
 */
final class ReferenceConvolution {
  private ReferenceConvolution() {}

  @FunctionalInterface
  private interface Product {
    void at(int x, int weight, int y);
  }

  static void forward(Conv2d op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] x = inputs.get(0).values();
    double[] weight = inputs.get(1).values();
    double[] y = outputs.get(0).values();
    TensorSpec ySpec = outputs.get(0).spec();
    products(
        op.window(),
        op.groups(),
        inputs.get(0).spec(),
        ySpec,
        (xi, wi, yi) -> y[yi] += x[xi] * weight[wi]);
    int plane = ySpec.shape().size(2) * ySpec.shape().size(3);
    for (int i = 0; i < y.length; i++) {
      if (inputs.size() == 3) {
        y[i] += inputs.get(2).at(i / plane % ySpec.shape().size(1));
      }
      if (op.relu()) {
        y[i] = Math.max(0, y[i]);
      }
    }
  }

  static void forwardAdd(Conv2dAdd op, List<HostTensor> inputs, List<HostTensor> outputs) {
    Conv2d plain = new Conv2d(op.window(), op.groups(), false);
    forward(plain, inputs.subList(0, 3), outputs);
    double[] y = outputs.get(0).values();
    for (int i = 0; i < y.length; i++) {
      double sum = y[i] + inputs.get(3).at(i);
      y[i] = op.relu() ? Math.max(0, sum) : sum;
    }
  }

  static void backwardData(
      Conv2dBackwardData op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] dy = inputs.get(0).values();
    double[] weight = inputs.get(1).values();
    double[] dx = outputs.get(0).values();
    products(
        op.window(),
        op.groups(),
        outputs.get(0).spec(),
        inputs.get(0).spec(),
        (xi, wi, yi) -> dx[xi] += dy[yi] * weight[wi]);
  }

  static void backwardWeights(
      Conv2dBackwardWeights op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] x = inputs.get(0).values();
    double[] dy = inputs.get(1).values();
    double[] dweight = outputs.get(0).values();
    TensorSpec dySpec = inputs.get(1).spec();
    products(
        op.window(),
        op.groups(),
        inputs.get(0).spec(),
        dySpec,
        (xi, wi, yi) -> dweight[wi] += x[xi] * dy[yi]);
    if (op.bias()) {
      double[] dbias = outputs.get(1).values();
      int plane = dySpec.shape().size(2) * dySpec.shape().size(3);
      for (int i = 0; i < dy.length; i++) {
        dbias[i / plane % dbias.length] += dy[i];
      }
    }
  }

  private static void products(
      Window window, int groups, TensorSpec xSpec, TensorSpec ySpec, Product product) {
    int channels = xSpec.shape().size(1);
    int height = xSpec.shape().size(2);
    int width = xSpec.shape().size(3);
    int filters = ySpec.shape().size(1);
    int outHeight = ySpec.shape().size(2);
    int outWidth = ySpec.shape().size(3);
    int groupChannels = channels / groups;
    int groupFilters = filters / groups;
    for (int n = 0; n < ySpec.shape().size(0); n++) {
      for (int k = 0; k < filters; k++) {
        for (int oh = 0; oh < outHeight; oh++) {
          for (int ow = 0; ow < outWidth; ow++) {
            int y = ((n * filters + k) * outHeight + oh) * outWidth + ow;
            for (int gc = 0; gc < groupChannels; gc++) {
              int c = k / groupFilters * groupChannels + gc;
              for (int kh = 0; kh < window.height(); kh++) {
                int h = oh * window.strideHeight() - window.padHeight();
                h += kh * window.dilationHeight();
                for (int kw = 0; kw < window.width(); kw++) {
                  int w = ow * window.strideWidth() - window.padWidth();
                  w += kw * window.dilationWidth();
                  if (h >= 0 && h < height && w >= 0 && w < width) {
                    int x = ((n * channels + c) * height + h) * width + w;
                    int at = (k * groupChannels + gc) * window.height() + kh;
                    product.at(x, at * window.width() + kw, y);
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
