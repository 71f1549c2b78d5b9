package dev.lamina.train;

import java.util.Optional;

/**
 * What the validation losses of a run have come to, as far as anything depends on them.
 *
 * @param best the lowest loss so far; infinite before the first
 * @param bestEpoch the epoch after which it was measured, from 1; 0 before the first
 * @param plateauBest the loss that a {@link Plateau} compares with
 * @param plateauEpochs epochs since that without a lower one
 * @param rateFactor what the learning rate is multiplied by
 */
public record Watch(
    double best, int bestEpoch, double plateauBest, int plateauEpochs, double rateFactor) {
  /** Before the first epoch. */
  public static final Watch START =
      new Watch(Double.POSITIVE_INFINITY, 0, Double.POSITIVE_INFINITY, 0, 1);

  /** Returns the watch after another epoch. */
  Watch after(int epoch, double loss, Optional<Plateau> plateau) {
    boolean lower = loss < best;
    double lowest = lower ? loss : best;
    int lowestEpoch = lower ? epoch : bestEpoch;
    if (plateau.isEmpty()) {
      return new Watch(lowest, lowestEpoch, plateauBest, plateauEpochs, rateFactor);
    }
    if (loss < plateauBest * Plateau.THRESHOLD) {
      return new Watch(lowest, lowestEpoch, loss, 0, rateFactor);
    }
    if (plateauEpochs < plateau.get().patience()) {
      return new Watch(lowest, lowestEpoch, plateauBest, plateauEpochs + 1, rateFactor);
    }
    double factor = rateFactor * plateau.get().factor();
    return new Watch(lowest, lowestEpoch, plateauBest, 0, factor);
  }
}
