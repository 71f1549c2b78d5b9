package dev.lamina.train;

import java.util.List;

/**
 * How a run ended.
 *
 * @param epochs reports of the epochs completed by this run, in order
 * @param cancelled whether it was stopped before its end
 * @param position where it stands
 */
public record TrainingResult(List<EpochReport> epochs, boolean cancelled, Position position) {
  /** Copies the list. */
  public TrainingResult {
    epochs = List.copyOf(epochs);
  }
}
