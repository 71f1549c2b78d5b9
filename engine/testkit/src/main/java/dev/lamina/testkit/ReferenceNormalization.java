package dev.lamina.testkit;

import dev.lamina.op.BatchNorm2d;
import dev.lamina.op.BatchNorm2dBackward;
import dev.lamina.op.BatchNorm2dInference;
import dev.lamina.op.FoldBatchNorm2d;
import java.util.List;

/** Normalisations. What is saved between the passes is mean, then biased variance. */
final class ReferenceNormalization {
  private ReferenceNormalization() {}

  /** The values of one channel of {@code [n, c, h, w]}, by their places. */
  private record Channel(int images, int channels, int plane, int channel) {
    static Channel of(HostTensor x, int channel) {
      return new Channel(x.size(0), x.size(1), x.size(2) * x.size(3), channel);
    }

    int count() {
      return images * plane;
    }

    int place(int i) {
      return (i / plane * channels + channel) * plane + i % plane;
    }
  }

  static void batchNorm(BatchNorm2d op, List<HostTensor> inputs, List<HostTensor> outputs) {
    HostTensor x = inputs.get(0);
    double[] saved = outputs.get(1).values();
    for (int c = 0; c < x.size(1); c++) {
      Channel values = Channel.of(x, c);
      double sum = 0;
      for (int i = 0; i < values.count(); i++) {
        sum += x.at(values.place(i));
      }
      double mean = sum / values.count();
      double squares = 0;
      for (int i = 0; i < values.count(); i++) {
        squares += Math.pow(x.at(values.place(i)) - mean, 2);
      }
      double variance = squares / values.count();
      normalize(values, inputs, mean, variance, op.epsilon(), outputs.get(0).values());
      saved[c] = mean;
      saved[x.size(1) + c] = variance;
      double unbiased = squares / Math.max(1, values.count() - 1);
      move(inputs.get(3).values(), c, mean, op.momentum());
      move(inputs.get(4).values(), c, unbiased, op.momentum());
    }
  }

  private static void move(double[] running, int c, double newest, double momentum) {
    running[c] += momentum * (newest - running[c]);
  }

  static void batchNormInference(
      BatchNorm2dInference op, List<HostTensor> inputs, List<HostTensor> outputs) {
    HostTensor x = inputs.get(0);
    for (int c = 0; c < x.size(1); c++) {
      double mean = inputs.get(3).at(c);
      double variance = inputs.get(4).at(c);
      double[] y = outputs.get(0).values();
      normalize(Channel.of(x, c), inputs, mean, variance, op.epsilon(), y);
    }
  }

  private static void normalize(
      Channel values,
      List<HostTensor> inputs,
      double mean,
      double variance,
      double epsilon,
      double[] y) {
    double scale = inputs.get(1).at(values.channel()) / Math.sqrt(variance + epsilon);
    double shift = inputs.get(2).at(values.channel());
    for (int i = 0; i < values.count(); i++) {
      int place = values.place(i);
      y[place] = (inputs.get(0).at(place) - mean) * scale + shift;
    }
  }

  static void fold(FoldBatchNorm2d op, List<HostTensor> inputs, List<HostTensor> outputs) {
    HostTensor weight = inputs.get(0);
    int filters = weight.size(0);
    int size = weight.values().length / filters;
    for (int k = 0; k < filters; k++) {
      double factor = inputs.get(1).at(k) / Math.sqrt(inputs.get(4).at(k) + op.epsilon());
      for (int i = k * size; i < (k + 1) * size; i++) {
        outputs.get(0).values()[i] = weight.at(i) * factor;
      }
      double bias = inputs.size() == 6 ? inputs.get(5).at(k) : 0;
      outputs.get(1).values()[k] = inputs.get(2).at(k) + (bias - inputs.get(3).at(k)) * factor;
    }
  }

  static void batchNormBackward(
      BatchNorm2dBackward op, List<HostTensor> inputs, List<HostTensor> outputs) {
    HostTensor dy = inputs.get(0);
    HostTensor x = inputs.get(1);
    HostTensor saved = inputs.get(3);
    for (int c = 0; c < x.size(1); c++) {
      Channel values = Channel.of(x, c);
      double mean = saved.at(c);
      double deviation = Math.sqrt(saved.at(x.size(1) + c) + op.epsilon());
      double dscale = 0;
      double dshift = 0;
      for (int i = 0; i < values.count(); i++) {
        int place = values.place(i);
        dscale += dy.at(place) * (x.at(place) - mean) / deviation;
        dshift += dy.at(place);
      }
      for (int i = 0; i < values.count(); i++) {
        int place = values.place(i);
        double z = (x.at(place) - mean) / deviation;
        double centred = dy.at(place) - (dshift + z * dscale) / values.count();
        outputs.get(0).values()[place] = inputs.get(2).at(c) / deviation * centred;
      }
      outputs.get(1).values()[c] = dscale;
      outputs.get(2).values()[c] = dshift;
    }
  }
}
