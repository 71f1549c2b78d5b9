package dev.lamina.exec;

import dev.lamina.device.OpCall;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.Linear;
import dev.lamina.op.LinearBackwardData;
import dev.lamina.op.LinearBackwardWeights;
import dev.lamina.op.MatMul;
import dev.lamina.op.Op;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Single elements of products and convolutions, summed in double precision by the definition: a few
 * hundred of them hold a large result to account, where all of them would take minutes.
 */
final class SpotReference {
  private final OpCall call;
  private final List<float[]> inputs;

  /** Computes a call on inputs in canonical form. */
  SpotReference(OpCall call, List<float[]> inputs) {
    this.call = call;
    this.inputs = inputs;
  }

  /** Says whether the ops are among those that are known here. */
  static boolean knows(Op op) {
    return op instanceof Conv2d
        || op instanceof Conv2dBackwardData
        || op instanceof Conv2dBackwardWeights
        || op instanceof Linear
        || op instanceof LinearBackwardData
        || op instanceof LinearBackwardWeights
        || op instanceof MatMul;
  }

  /** Returns element {@code at} of an output. */
  double element(int output, int at) {
    Op op = call.op();
    TensorSpec result = call.outputs().get(output);
    if (output == 1) {
      return channelSum(at);
    }
    if (op instanceof Conv2d conv) {
      int plane = size(result, 2) * size(result, 3);
      double sum = forward(conv.window(), conv.groups(), result, at);
      return finished(sum, at / plane % size(result, 1), conv.relu());
    }
    if (op instanceof Conv2dBackwardData conv) {
      return backwardData(conv.window(), conv.groups(), result, at);
    }
    if (op instanceof Conv2dBackwardWeights conv) {
      return backwardWeights(conv.window(), conv.groups(), result, at);
    }
    if (op instanceof MatMul product) {
      int columns = size(result, 1);
      int rows = size(result, 0);
      int inner = inputs.get(0).length / rows;
      int a = product.transposeA() ? at / columns : at / columns * inner;
      int b = product.transposeB() ? at % columns * inner : at % columns;
      return dot(a, product.transposeA() ? rows : 1, b, product.transposeB() ? 1 : columns, inner);
    }
    if (op instanceof Linear linear) {
      int units = size(result, 1);
      int features = size(call.inputs().get(1), 1);
      double sum = dot(at / units * features, 1, at % units * features, 1, features);
      return finished(sum, at % units, linear.relu());
    }
    if (op instanceof LinearBackwardData) {
      int features = size(call.inputs().get(1), 1);
      int units = size(call.inputs().get(0), 1);
      return dot(at / features * units, 1, at % features, features, units);
    }
    int features = size(result, 1);
    int units = size(result, 0);
    return dot(at % features, features, at / features, units, size(call.inputs().get(1), 0));
  }

  /** Sums products of the first two inputs, from and by strides. */
  private double dot(int a, int aStride, int b, int bStride, int count) {
    double sum = 0;
    for (int l = 0; l < count; l++) {
      sum += (double) inputs.get(0)[a + l * aStride] * inputs.get(1)[b + l * bStride];
    }
    return sum;
  }

  private double finished(double sum, int channel, boolean relu) {
    double biased = inputs.size() == 3 ? sum + inputs.get(2)[channel] : sum;
    return relu ? Math.max(0, biased) : biased;
  }

  /** The bias gradient: dy, the second input, summed over rows and plane. */
  private double channelSum(int channel) {
    float[] dy = inputs.get(1);
    TensorSpec spec = call.inputs().get(1);
    int channels = size(spec, 1);
    int plane = dy.length / size(spec, 0) / channels;
    double sum = 0;
    for (int i = 0; i < dy.length; i++) {
      sum += i / plane % channels == channel ? dy[i] : 0;
    }
    return sum;
  }

  private double forward(Window window, int groups, TensorSpec y, int at) {
    TensorSpec x = call.inputs().get(0);
    int filters = size(y, 1);
    int ow = at % size(y, 3);
    int oh = at / size(y, 3) % size(y, 2);
    int k = at / (size(y, 3) * size(y, 2)) % filters;
    int n = at / (size(y, 3) * size(y, 2) * filters);
    int channels = size(x, 1) / groups;
    int area = window.area();
    double sum = 0;
    for (int tap = 0; tap < channels * area; tap++) {
      int c = k / (filters / groups) * channels + tap / area;
      int h = row(window, oh, tap % area / window.width());
      int w = column(window, ow, tap % window.width());
      if (h >= 0 && h < size(x, 2) && w >= 0 && w < size(x, 3)) {
        sum += inputs.get(0)[place(x, n, c, h, w)] * inputs.get(1)[k * channels * area + tap];
      }
    }
    return sum;
  }

  private double backwardData(Window window, int groups, TensorSpec dx, int at) {
    TensorSpec dy = call.inputs().get(0);
    int w = at % size(dx, 3);
    int h = at / size(dx, 3) % size(dx, 2);
    int c = at / (size(dx, 3) * size(dx, 2)) % size(dx, 1);
    int n = at / (size(dx, 3) * size(dx, 2) * size(dx, 1));
    int channels = size(dx, 1) / groups;
    int filters = size(dy, 1) / groups;
    int area = window.area();
    double sum = 0;
    for (int f = 0; f < filters; f++) {
      int k = c / channels * filters + f;
      for (int tap = 0; tap < area; tap++) {
        int down = h - row(window, 0, tap / window.width());
        int right = w - column(window, 0, tap % window.width());
        int oh = down / window.strideHeight();
        int ow = right / window.strideWidth();
        boolean reached = down >= 0 && down == oh * window.strideHeight() && oh < size(dy, 2);
        if (reached && right >= 0 && right == ow * window.strideWidth() && ow < size(dy, 3)) {
          float weight = inputs.get(1)[(k * channels + c % channels) * area + tap];
          sum += inputs.get(0)[place(dy, n, k, oh, ow)] * weight;
        }
      }
    }
    return sum;
  }

  private double backwardWeights(Window window, int groups, TensorSpec dweight, int at) {
    TensorSpec x = call.inputs().get(0);
    TensorSpec dy = call.inputs().get(1);
    int area = window.area();
    int channels = size(dweight, 1);
    int k = at / (channels * area);
    int c = k / (size(dy, 1) / groups) * channels + at / area % channels;
    double sum = 0;
    for (int n = 0; n < size(dy, 0); n++) {
      for (int oh = 0; oh < size(dy, 2); oh++) {
        int h = row(window, oh, at % area / window.width());
        for (int ow = 0; ow < size(dy, 3); ow++) {
          int w = column(window, ow, at % window.width());
          if (h >= 0 && h < size(x, 2) && w >= 0 && w < size(x, 3)) {
            sum += inputs.get(0)[place(x, n, c, h, w)] * inputs.get(1)[place(dy, n, k, oh, ow)];
          }
        }
      }
    }
    return sum;
  }

  private static int row(Window window, int oh, int kh) {
    return oh * window.strideHeight() - window.padHeight() + kh * window.dilationHeight();
  }

  private static int column(Window window, int ow, int kw) {
    return ow * window.strideWidth() - window.padWidth() + kw * window.dilationWidth();
  }

  private static int place(TensorSpec spec, int n, int c, int h, int w) {
    return ((n * size(spec, 1) + c) * size(spec, 2) + h) * size(spec, 3) + w;
  }

  private static int size(TensorSpec spec, int axis) {
    return Math.toIntExact(spec.dim(axis));
  }
}
