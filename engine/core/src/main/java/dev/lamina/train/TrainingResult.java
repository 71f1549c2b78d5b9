package dev.lamina.train;

import java.util.List;

/**
 * How a run ended.
 *
 * @param epochs reports of the epochs of this run, in order; the last one is of a part of an epoch
 *     if time was up within it
 * @param ending why it ended
 * @param position where it stands
 */
public record TrainingResult(List<EpochReport> epochs, Ending ending, Position position) {
  /** Why a run ended. */
  public enum Ending {
    /** All epochs are done. */
    FINISHED,
    /** The validation loss has not fallen for as long as it was given. */
    STOPPED_EARLY,
    /** Its time was up. */
    OUT_OF_TIME,
    /** Someone cancelled it. */
    CANCELLED
  }

  /** Copies the list. */
  public TrainingResult {
    epochs = List.copyOf(epochs);
  }

  /** Returns whether it was cancelled before its end. */
  public boolean cancelled() {
    return ending == Ending.CANCELLED;
  }
}
