package dev.lamina.op;

import dev.lamina.tensor.ShapeException;

/**
 * RMSprop (Hinton, "Neural networks for machine learning", lecture 6, 2012) in PyTorch's
 * convention: {@code g += weightDecay * p}, {@code s = alpha * s + (1 - alpha) * g * g}, {@code d =
 * g / (sqrt(s) + epsilon)}; with momentum {@code v = momentum * v + d} and {@code d = v}; {@code p
 * -= rate * d}. States are {@code s} and, with momentum, {@code v}; both start at zero.
 *
 * @param epsilon positive, since a state of zero must not divide
 * @param rateFactor factor on the table's learning rate
 */
public record RmsPropUpdate(
    float alpha,
    float epsilon,
    float momentum,
    float weightDecay,
    float rateFactor,
    boolean clipped)
    implements OptimizerOp {
  /** Checks the values. */
  public RmsPropUpdate {
    if (!(epsilon > 0)) {
      throw new ShapeException("rmsprop_update: epsilon must be above 0, not " + epsilon);
    }
  }

  @Override
  public String name() {
    return "rmsprop_update";
  }

  @Override
  public int states() {
    return momentum == 0 ? 1 : 2;
  }

  @Override
  public RmsPropUpdate forGroup(float rateFactor, float weightDecay) {
    return new RmsPropUpdate(alpha, epsilon, momentum, weightDecay, rateFactor, clipped);
  }

  @Override
  public RmsPropUpdate clipped(boolean clipped) {
    return new RmsPropUpdate(alpha, epsilon, momentum, weightDecay, rateFactor, clipped);
  }
}
