package dev.lamina.testkit;

import dev.lamina.op.Softmax;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.op.TargetLoss;
import dev.lamina.op.WeightedCrossEntropy;
import java.util.List;

/** Class probabilities and the loss on them. */
final class ReferenceLoss {
  private ReferenceLoss() {}

  static void softmax(Softmax op, List<HostTensor> inputs, List<HostTensor> outputs) {
    int classes = inputs.get(0).size(1);
    double[] logits = inputs.get(0).values();
    double[] y = outputs.get(0).values();
    for (int first = 0; first < logits.length; first += classes) {
      double log = logSumExp(logits, first, classes);
      for (int i = first; i < first + classes; i++) {
        y[i] = Math.exp(logits[i] - log);
      }
    }
  }

  static void softmaxCrossEntropy(
      SoftmaxCrossEntropy op, List<HostTensor> inputs, List<HostTensor> outputs) {
    int classes = inputs.get(0).size(1);
    double[] logits = inputs.get(0).values();
    double[] cell = outputs.get(0).values();
    for (int row = 0; row < inputs.get(0).size(0); row++) {
      int first = row * classes;
      int label = (int) inputs.get(1).at(row);
      double log = logSumExp(logits, first, classes);
      int largest = 0;
      for (int c = 0; c < classes; c++) {
        if (logits[first + c] > logits[first + largest]) {
          largest = c;
        }
        if (op.meanOver() > 0) {
          double expected = c == label ? 1 : 0;
          double probability = Math.exp(logits[first + c] - log);
          outputs.get(1).values()[first + c] = (probability - expected) / op.meanOver();
        }
      }
      cell[SoftmaxCrossEntropy.LOSS] += log - logits[first + label];
      cell[SoftmaxCrossEntropy.CORRECT] += largest == label ? 1 : 0;
    }
  }

  static void weightedCrossEntropy(
      WeightedCrossEntropy op, List<HostTensor> inputs, List<HostTensor> outputs) {
    int classes = inputs.get(0).size(1);
    double[] logits = inputs.get(0).values();
    double even = (double) op.smoothing() / classes;
    for (int row = 0; row < inputs.get(0).size(0); row++) {
      int first = row * classes;
      int label = (int) inputs.get(1).at(row);
      double log = logSumExp(logits, first, classes);
      double[] target = new double[classes];
      double total = 0;
      double loss = 0;
      for (int c = 0; c < classes; c++) {
        target[c] = op.weight(c) * even + (c == label ? (1.0 - op.smoothing()) * op.weight(c) : 0);
        total += target[c];
        loss += target[c] * (log - logits[first + c]);
      }
      for (int c = 0; c < classes && op.meanOver() > 0; c++) {
        double probability = Math.exp(logits[first + c] - log);
        outputs.get(1).values()[first + c] = (total * probability - target[c]) / op.meanOver();
      }
      count(outputs.get(0), loss, logits, first, classes, label);
    }
  }

  static void targetLoss(TargetLoss op, List<HostTensor> inputs, List<HostTensor> outputs) {
    int classes = inputs.get(0).size(1);
    double[] logits = inputs.get(0).values();
    for (int row = 0; row < inputs.get(0).size(0); row++) {
      int first = row * classes;
      int label = (int) inputs.get(1).at(row);
      double loss = 0;
      for (int c = 0; c < classes; c++) {
        double x = logits[first + c];
        double t = c == label ? 1 : 0;
        loss +=
            switch (op.kind()) {
              case SQUARED -> (x - t) * (x - t);
              case ABSOLUTE -> Math.abs(x - t);
              case BINARY -> Math.max(x, 0) - x * t + Math.log1p(Math.exp(-Math.abs(x)));
            };
        if (op.meanOver() > 0) {
          double slope =
              switch (op.kind()) {
                case SQUARED -> 2 * (x - t);
                case ABSOLUTE -> Math.signum(x - t);
                case BINARY -> 1 / (1 + Math.exp(-x)) - t;
              };
          outputs.get(1).values()[first + c] = slope / classes / op.meanOver();
        }
      }
      count(outputs.get(0), loss / classes, logits, first, classes, label);
    }
  }

  /** Adds a row's loss, and whether its first largest logit is the label's. */
  private static void count(
      HostTensor cell, double loss, double[] logits, int first, int classes, int label) {
    int largest = 0;
    for (int c = 1; c < classes; c++) {
      largest = logits[first + c] > logits[first + largest] ? c : largest;
    }
    cell.values()[SoftmaxCrossEntropy.LOSS] += loss;
    cell.values()[SoftmaxCrossEntropy.CORRECT] += largest == label ? 1 : 0;
  }

  /** Takes the largest logit out first, so that large logits do not overflow. */
  private static double logSumExp(double[] logits, int first, int classes) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = first; i < first + classes; i++) {
      largest = Math.max(largest, logits[i]);
    }
    double sum = 0;
    for (int i = first; i < first + classes; i++) {
      sum += Math.exp(logits[i] - largest);
    }
    return largest + Math.log(sum);
  }
}
