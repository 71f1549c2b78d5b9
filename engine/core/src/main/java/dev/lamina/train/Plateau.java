package dev.lamina.train;

/**
 * Lowers the learning rate where the validation loss no longer falls, as PyTorch's {@code
 * ReduceLROnPlateau} with its relative threshold of 1e-4.
 *
 * @param factor what the rate is multiplied by; above 0 and below 1
 * @param patience epochs without a lower loss that are borne; the next one lowers the rate
 * @param minimum the least rate; at least 0
 */
public record Plateau(float factor, int patience, float minimum) {
  /** A loss counts as lower if it is below this much of the lowest. */
  static final double THRESHOLD = 1 - 1e-4;

  /** Checks the values. */
  public Plateau {
    if (!(factor > 0 && factor < 1)) {
      throw new IllegalArgumentException("factor must be above 0 and below 1, not " + factor);
    }
    if (patience < 0) {
      throw new IllegalArgumentException("patience must not be negative, but is " + patience);
    }
    if (!(minimum >= 0)) {
      throw new IllegalArgumentException("the least rate must be at least 0, not " + minimum);
    }
  }
}
