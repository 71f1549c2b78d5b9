package dev.lamina.op;

/**
 * Adam (Kingma and Ba, 2015) and, with {@code decoupled}, AdamW (Loshchilov and Hutter, 2019), in
 * PyTorch's convention: {@code m = beta1 * m + (1 - beta1) * g}, {@code v = beta2 * v + (1 - beta2)
 * * g * g}, {@code p -= rate / correction1 * m / (sqrt(v) / sqrt(correction2) + epsilon)}. Weight
 * decay adds {@code weightDecay * p} to {@code g}, or with {@code decoupled} first scales {@code p}
 * by {@code 1 - rate * weightDecay}.
 *
 * @param rateFactor factor on the table's learning rate
 */
public record AdamUpdate(
    float beta1,
    float beta2,
    float epsilon,
    boolean decoupled,
    float weightDecay,
    float rateFactor,
    boolean clipped)
    implements OptimizerOp {

  @Override
  public String name() {
    return decoupled ? "adamw_update" : "adam_update";
  }

  @Override
  public int states() {
    return 2;
  }

  @Override
  public AdamUpdate forGroup(float rateFactor, float weightDecay) {
    return new AdamUpdate(beta1, beta2, epsilon, decoupled, weightDecay, rateFactor, clipped);
  }

  @Override
  public AdamUpdate clipped(boolean clipped) {
    return new AdamUpdate(beta1, beta2, epsilon, decoupled, weightDecay, rateFactor, clipped);
  }
}
