package dev.lamina.exec;

import dev.lamina.op.OptimizerOp;
import java.util.Optional;

/**
 * What follows the gradients of a training step.
 *
 * @param optimizer how parameters change; empty for a step that only accumulates
 * @param weightDecay for the parameters that decay
 * @param maxNorm bound on the gradients' norm; 0 for none
 * @param accumulates whether gradients are summed over several batches before an update
 * @param l1 weight of the sum of the parameters' absolute values in the loss, for the parameters
 *     that decay; 0 for none
 * @param decaysAll whether all parameters decay, those that say they do not included
 * @param averages whether a moving average of the parameters is kept
 */
public record UpdateRule(
    Optional<OptimizerOp> optimizer,
    float weightDecay,
    float maxNorm,
    boolean accumulates,
    float l1,
    boolean decaysAll,
    boolean averages) {
  /** Makes a rule without penalty and average. */
  public UpdateRule(
      Optional<OptimizerOp> optimizer, float weightDecay, float maxNorm, boolean accumulates) {
    this(optimizer, weightDecay, maxNorm, accumulates, 0, false, false);
  }

  /** Says whether the gradients of that many lanes are summed into a buffer of their own. */
  boolean sums(int lanes) {
    return accumulates || (maxNorm > 0 && lanes > 1);
  }

  /** Returns the rule that only sums gradients: all batches of an accumulation but the last. */
  public UpdateRule withoutUpdate() {
    return new UpdateRule(Optional.empty(), weightDecay, 0, accumulates, 0, decaysAll, false);
  }
}
