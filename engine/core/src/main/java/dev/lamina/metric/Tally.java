package dev.lamina.metric;

/**
 * Loss and right answers summed over rows. Sums are exact in what they are given and in which
 * order, so a tally that is saved and continued ends in the same bits.
 */
public final class Tally {
  private double loss;
  private long correct;
  private long rows;

  /** Starts from nothing. */
  public Tally() {}

  /** Continues an earlier tally. */
  public Tally(double loss, long correct, long rows) {
    this.loss = loss;
    this.correct = correct;
    this.rows = rows;
  }

  /** Adds one batch. */
  public void add(float lossSum, float correctCount, int batchRows) {
    loss += lossSum;
    correct += Math.round(correctCount);
    rows += batchRows;
  }

  /** Returns the summed loss. */
  public double lossSum() {
    return loss;
  }

  /** Returns the number of right answers. */
  public long correct() {
    return correct;
  }

  /** Returns the rows counted. */
  public long rows() {
    return rows;
  }

  /** Returns the mean loss of a row; NaN before the first. */
  public double loss() {
    return rows == 0 ? Double.NaN : loss / rows;
  }

  /** Returns the share of right answers, 0 to 1; NaN before the first row. */
  public double accuracy() {
    return rows == 0 ? Double.NaN : (double) correct / rows;
  }
}
