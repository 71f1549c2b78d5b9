package dev.lamina.testkit;

import dev.lamina.op.AvgPool2d;
import dev.lamina.op.AvgPool2dBackward;
import dev.lamina.op.MaxPool2d;
import dev.lamina.op.MaxPool2dBackward;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;

/** Maximum and mean over a sliding window, forward and backward. */
final class ReferencePooling {
  private ReferencePooling() {}

  @FunctionalInterface
  private interface Position {
    /**
     * Looks at one input under one window.
     *
     * @param x the input's index
     * @param y the window's index among the outputs
     * @param position row-major position in the window
     */
    void at(int x, int y, int position);
  }

  static void max(MaxPool2d op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] x = inputs.get(0).values();
    double[] y = outputs.get(0).values();
    double[] where = new double[y.length];
    Arrays.fill(where, -1);
    positions(
        op.window(),
        inputs.get(0).spec(),
        outputs.get(0).spec(),
        (xi, yi, position) -> {
          boolean wins = where[yi] < 0 || x[xi] > y[yi] || (isNaN(x[xi]) && !isNaN(y[yi]));
          if (wins) {
            y[yi] = x[xi];
            where[yi] = position;
          }
        });
    if (op.saved()) {
      System.arraycopy(where, 0, outputs.get(1).values(), 0, where.length);
    }
  }

  static void maxBackward(MaxPool2dBackward op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] dy = inputs.get(0).values();
    double[] where = inputs.get(1).values();
    double[] dx = outputs.get(0).values();
    positions(
        op.window(),
        outputs.get(0).spec(),
        inputs.get(0).spec(),
        (xi, yi, position) -> {
          if (position == where[yi]) {
            dx[xi] += dy[yi];
          }
        });
  }

  static void average(AvgPool2d op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] x = inputs.get(0).values();
    double[] y = outputs.get(0).values();
    TensorSpec xSpec = inputs.get(0).spec();
    TensorSpec ySpec = outputs.get(0).spec();
    double[] divisors = divisors(op.window(), op.countPadding(), xSpec, ySpec);
    positions(op.window(), xSpec, ySpec, (xi, yi, position) -> y[yi] += x[xi]);
    for (int i = 0; i < y.length; i++) {
      y[i] /= divisors[i];
    }
  }

  static void averageBackward(
      AvgPool2dBackward op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] dy = inputs.get(0).values();
    double[] dx = outputs.get(0).values();
    TensorSpec xSpec = outputs.get(0).spec();
    TensorSpec ySpec = inputs.get(0).spec();
    double[] divisors = divisors(op.window(), op.countPadding(), xSpec, ySpec);
    positions(op.window(), xSpec, ySpec, (xi, yi, position) -> dx[xi] += dy[yi] / divisors[yi]);
  }

  /** Returns for each window the whole area, or only the inputs that it really sees. */
  private static double[] divisors(
      Window window, boolean countPadding, TensorSpec xSpec, TensorSpec ySpec) {
    double[] divisors = new double[Math.toIntExact(ySpec.elements())];
    if (countPadding) {
      Arrays.fill(divisors, window.area());
    } else {
      positions(window, xSpec, ySpec, (xi, yi, position) -> divisors[yi]++);
    }
    return divisors;
  }

  private static void positions(
      Window window, TensorSpec xSpec, TensorSpec ySpec, Position position) {
    int height = xSpec.shape().size(2);
    int width = xSpec.shape().size(3);
    int outHeight = ySpec.shape().size(2);
    int outWidth = ySpec.shape().size(3);
    int planes = xSpec.shape().size(0) * xSpec.shape().size(1);
    for (int plane = 0; plane < planes; plane++) {
      for (int oh = 0; oh < outHeight; oh++) {
        for (int ow = 0; ow < outWidth; ow++) {
          for (int kh = 0; kh < window.height(); kh++) {
            for (int kw = 0; kw < window.width(); kw++) {
              int h = oh * window.strideHeight() - window.padHeight() + kh;
              int w = ow * window.strideWidth() - window.padWidth() + kw;
              if (h >= 0 && h < height && w >= 0 && w < width) {
                position.at(
                    (plane * height + h) * width + w,
                    (plane * outHeight + oh) * outWidth + ow,
                    kh * window.width() + kw);
              }
            }
          }
        }
      }
    }
  }

  private static boolean isNaN(double value) {
    return Double.isNaN(value);
  }
}
