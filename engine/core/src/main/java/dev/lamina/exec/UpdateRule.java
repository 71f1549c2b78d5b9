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
 */
public record UpdateRule(
    Optional<OptimizerOp> optimizer, float weightDecay, float maxNorm, boolean accumulates) {
  /** Says whether the gradients of that many lanes are summed into a buffer of their own. */
  boolean sums(int lanes) {
    return accumulates || (maxNorm > 0 && lanes > 1);
  }

  /** Returns the rule that only sums gradients: all batches of an accumulation but the last. */
  public UpdateRule withoutUpdate() {
    return new UpdateRule(Optional.empty(), weightDecay, 0, accumulates);
  }
}
