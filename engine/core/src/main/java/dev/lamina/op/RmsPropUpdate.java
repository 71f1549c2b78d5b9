package dev.lamina.op;

import dev.lamina.tensor.ShapeException;

/**
 * RMSprop (Hinton, "Neural networks for machine learning", lecture 6, 2012) in PyTorch's
 * convention: {@code g += weightDecay * p}, {@code s = alpha * s + (1 - alpha) * g * g}, {@code d =
 * g / (sqrt(s) + epsilon)}; with momentum {@code v = momentum * v + d} and {@code d = v}; {@code p
 * -= rate * d}. Centred (Graves, "Generating sequences with recurrent neural networks", 2013,
 * section 4.2), the root is of the variance: {@code m = alpha * m + (1 - alpha) * g} and {@code s -
 * m * m}, not below 0, in place of {@code s}. States are {@code s}, centred {@code m}, with
 * momentum {@code v}; all start at zero.
 *
 * @param epsilon positive, since a state of zero must not divide
 * @param rateFactor factor on the table's learning rate
 */
public record RmsPropUpdate(
    float alpha,
    float epsilon,
    boolean centered,
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

  /** Makes the update that is not centred. */
  public RmsPropUpdate(
      float alpha,
      float epsilon,
      float momentum,
      float weightDecay,
      float rateFactor,
      boolean clipped) {
    this(alpha, epsilon, false, momentum, weightDecay, rateFactor, clipped);
  }

  @Override
  public String name() {
    return "rmsprop_update";
  }

  @Override
  public int states() {
    return 1 + (centered ? 1 : 0) + (momentum == 0 ? 0 : 1);
  }

  @Override
  public RmsPropUpdate forGroup(float rateFactor, float weightDecay) {
    return new RmsPropUpdate(alpha, epsilon, centered, momentum, weightDecay, rateFactor, clipped);
  }

  @Override
  public RmsPropUpdate clipped(boolean clipped) {
    return new RmsPropUpdate(alpha, epsilon, centered, momentum, weightDecay, rateFactor, clipped);
  }
}
