package dev.lamina.train;

/** The learning rate over a run. */
@FunctionalInterface
public interface LearningRate {
  /**
   * Returns the rate of one update.
   *
   * @param update number of the update, from 0
   * @param updates updates of the whole run
   */
  float at(long update, long updates);

  /** Returns the same rate throughout. */
  static LearningRate constant(float rate) {
    if (!(rate > 0) || Float.isInfinite(rate)) {
      throw new IllegalArgumentException("learning rate must be above 0 and finite, not " + rate);
    }
    return (update, updates) -> rate;
  }
}
