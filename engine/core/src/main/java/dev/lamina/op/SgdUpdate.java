package dev.lamina.op;

/**
 * Stochastic gradient descent in PyTorch's convention: {@code g += weightDecay * p}; with momentum
 * {@code v = momentum * v + g} and {@code g = v}, or {@code g += momentum * v} with Nesterov;
 * {@code p -= rate * g}. The velocity starts at zero, which makes the first step equal to
 * PyTorch's.
 *
 * @param rateFactor factor on the table's learning rate
 */
public record SgdUpdate(
    float momentum, boolean nesterov, float weightDecay, float rateFactor, boolean clipped)
    implements OptimizerOp {

  @Override
  public String name() {
    return "sgd_update";
  }

  @Override
  public int states() {
    return momentum == 0 ? 0 : 1;
  }

  @Override
  public SgdUpdate forGroup(float rateFactor, float weightDecay) {
    return new SgdUpdate(momentum, nesterov, weightDecay, rateFactor, clipped);
  }

  @Override
  public SgdUpdate clipped(boolean clipped) {
    return new SgdUpdate(momentum, nesterov, weightDecay, rateFactor, clipped);
  }
}
