package dev.lamina.graph;

import dev.lamina.op.Op;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.op.TargetLoss;
import dev.lamina.op.WeightedCrossEntropy;
import java.util.List;

/** What training makes small. */
public sealed interface Loss {
  /**
   * Returns the op that sums the rows' losses and, for training, gives the logits' gradient.
   *
   * @param meanOver rows over which the gradient is averaged; 0 for no gradient
   */
  Op op(int meanOver);

  /** Returns the cross-entropy of the softmax, plain. */
  static Loss crossEntropy() {
    return new CrossEntropy(0, List.of());
  }

  /**
   * Cross-entropy of the softmax.
   *
   * @param smoothing share of the target that all classes get
   * @param weights one for each class; none for ones
   */
  record CrossEntropy(float smoothing, List<Float> weights) implements Loss {
    /** Copies the list and checks the values. */
    public CrossEntropy {
      weights = new WeightedCrossEntropy(0, smoothing, weights).weights();
    }

    @Override
    public Op op(int meanOver) {
      return smoothing == 0 && weights.isEmpty()
          ? new SoftmaxCrossEntropy(meanOver)
          : new WeightedCrossEntropy(meanOver, smoothing, weights);
    }
  }

  /** A comparison of each output with 1 for the label's class and 0 for others. */
  record ToTargets(TargetLoss.Kind kind) implements Loss {
    @Override
    public Op op(int meanOver) {
      return new TargetLoss(kind, meanOver);
    }
  }
}
