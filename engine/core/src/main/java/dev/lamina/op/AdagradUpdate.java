package dev.lamina.op;

import dev.lamina.tensor.ShapeException;

/**
 * Adagrad (Duchi, Hazan and Singer, 2011) in PyTorch's convention: {@code g += weightDecay * p},
 * {@code s += g * g}, {@code p -= rate * g / (sqrt(s) + epsilon)}. The state {@code s} starts at
 * zero.
 *
 * @param epsilon positive, since a state of zero must not divide
 * @param rateFactor factor on the table's learning rate
 */
public record AdagradUpdate(float epsilon, float weightDecay, float rateFactor, boolean clipped)
    implements OptimizerOp {
  /** Checks the values. */
  public AdagradUpdate {
    if (!(epsilon > 0)) {
      throw new ShapeException("adagrad_update: epsilon must be above 0, not " + epsilon);
    }
  }

  @Override
  public String name() {
    return "adagrad_update";
  }

  @Override
  public int states() {
    return 1;
  }

  @Override
  public AdagradUpdate forGroup(float rateFactor, float weightDecay) {
    return new AdagradUpdate(epsilon, weightDecay, rateFactor, clipped);
  }

  @Override
  public AdagradUpdate clipped(boolean clipped) {
    return new AdagradUpdate(epsilon, weightDecay, rateFactor, clipped);
  }
}
