package dev.lamina.models;

import java.util.Optional;

/**
 * What a network can be told beside the samples it is for; start from {@link #defaults()}.
 *
 * @param dropout probability of leaving an activation out before a fully connected layer, at least
 *     0 and below 1; empty for the network's own
 */
public record ModelOptions(Optional<Float> dropout) {
  /** Checks the values. */
  public ModelOptions {
    dropout.ifPresent(
        probability -> {
          if (!(probability >= 0 && probability < 1)) {
            throw new IllegalArgumentException(
                "dropout must be at least 0 and below 1, not " + probability);
          }
        });
  }

  /** Returns the options of the networks as listed. */
  public static ModelOptions defaults() {
    return new ModelOptions(Optional.empty());
  }

  /** Returns these options with a probability of dropout. */
  public ModelOptions withDropout(float probability) {
    return new ModelOptions(Optional.of(probability));
  }

  float dropoutOr(float own) {
    return dropout.orElse(own);
  }
}
