package dev.lamina.train;

import dev.lamina.metric.Tally;

/**
 * How far a run has come, always between two updates: with the model's tensors, all that a run
 * needs to go on as if it had never stopped.
 *
 * @param epoch epochs completed
 * @param batch batches used of the epoch under way; all of them where its evaluation is left to do
 * @param updates updates done since the run began
 * @param lossSum loss summed over the rows of the epoch under way
 * @param correct right answers in the epoch under way
 * @param rows rows counted in the epoch under way
 * @param watch what the validation losses have come to
 */
public record Position(
    int epoch, int batch, long updates, double lossSum, long correct, long rows, Watch watch) {
  /** The beginning of a run. */
  public static final Position START = new Position(0, 0, 0, 0, 0, 0, Watch.START);

  /** Checks the values. */
  public Position {
    if (epoch < 0 || batch < 0 || updates < 0 || correct < 0 || rows < 0) {
      throw new IllegalArgumentException(
          "a position cannot be negative: epoch %d, batch %d, updates %d, correct %d, rows %d"
              .formatted(epoch, batch, updates, correct, rows));
    }
  }

  Tally tally() {
    return new Tally(lossSum, correct, rows);
  }
}
