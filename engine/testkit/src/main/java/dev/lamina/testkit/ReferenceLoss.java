package dev.lamina.testkit;

import dev.lamina.op.Softmax;
import dev.lamina.op.SoftmaxCrossEntropy;
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
