package dev.lamina.testkit;

import dev.lamina.op.LocalResponseNorm;
import dev.lamina.op.LocalResponseNormBackward;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/** Local response normalisation. */
final class ReferenceResponse {
  private ReferenceResponse() {}

  /** Adds up a term of each channel around that of an element of {@code [n, c, h, w]}. */
  private static double around(HostTensor x, int element, int size, IntToDoubleFunction term) {
    int plane = x.size(2) * x.size(3);
    int channel = element / plane % x.size(1);
    double sum = 0;
    for (int apart = -size / 2; apart <= size / 2; apart++) {
      if (channel + apart >= 0 && channel + apart < x.size(1)) {
        sum += term.applyAsDouble(element + apart * plane);
      }
    }
    return sum;
  }

  private static double base(HostTensor x, int element, int size, double alpha, double k) {
    return k + alpha / size * around(x, element, size, i -> x.at(i) * x.at(i));
  }

  static void forward(LocalResponseNorm op, List<HostTensor> inputs, List<HostTensor> outputs) {
    HostTensor x = inputs.get(0);
    double[] y = outputs.get(0).values();
    for (int i = 0; i < y.length; i++) {
      y[i] = x.at(i) * Math.pow(base(x, i, op.size(), op.alpha(), op.k()), -op.beta());
    }
  }

  static void backward(
      LocalResponseNormBackward op, List<HostTensor> inputs, List<HostTensor> outputs) {
    HostTensor dy = inputs.get(0);
    HostTensor x = inputs.get(1);
    double[] dx = outputs.get(0).values();
    double[] s = new double[dx.length];
    for (int i = 0; i < dx.length; i++) {
      s[i] = base(x, i, op.size(), op.alpha(), op.k());
    }
    double factor = 2.0 * op.alpha() * op.beta() / op.size();
    for (int i = 0; i < dx.length; i++) {
      double sum =
          around(x, i, op.size(), j -> dy.at(j) * x.at(j) * Math.pow(s[j], -op.beta() - 1));
      dx[i] = dy.at(i) * Math.pow(s[i], -op.beta()) - factor * x.at(i) * sum;
    }
  }
}
