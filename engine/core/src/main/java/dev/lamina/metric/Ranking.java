package dev.lamina.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How well a score sets positive samples before negative ones: ROC and precision-recall curve with
 * their areas. Samples of equal score are passed together, so their order does not count.
 *
 * @param points one per distinct score, from the highest to the lowest
 * @param positives samples to be found
 * @param negatives samples to be left
 */
public record Ranking(List<Point> points, long positives, long negatives) {
  /**
   * What is found by taking all samples of at least one score.
   *
   * @param threshold the score
   * @param truePositives positives taken
   * @param falsePositives negatives taken
   */
  public record Point(float threshold, long truePositives, long falsePositives) {}

  /** Keeps a copy. */
  public Ranking {
    points = List.copyOf(points);
  }

  /**
   * Ranks samples.
   *
   * @param scores one per sample, not NaN
   * @param positive which samples are to be found
   */
  public static Ranking of(float[] scores, boolean[] positive) {
    if (scores.length != positive.length) {
      throw new IllegalArgumentException(
          scores.length + " scores given for " + positive.length + " samples");
    }
    // Score and sample in one number, the highest score first: sorting boxes takes ten times
    // longer.
    long[] order = new long[scores.length];
    for (int i = 0; i < order.length; i++) {
      int bits = Float.floatToIntBits(scores[i]);
      int ascending = bits ^ (bits >> 31 & Integer.MAX_VALUE);
      order[i] = (long) ~ascending << Integer.SIZE | i;
    }
    Arrays.sort(order);
    List<Point> points = new ArrayList<>();
    long found = 0;
    long wrong = 0;
    for (int i = 0; i < order.length; i++) {
      int sample = (int) order[i];
      if (positive[sample]) {
        found++;
      } else {
        wrong++;
      }
      if (i + 1 == order.length || scores[(int) order[i + 1]] != scores[sample]) {
        points.add(new Point(scores[sample], found, wrong));
      }
    }
    return new Ranking(points, found, wrong);
  }

  /**
   * Returns the area under the ROC curve: the chance that a positive sample scores above a negative
   * one, where equal scores count half. NaN without positives or without negatives.
   */
  public double areaUnderRoc() {
    // In halves of pairs, so that nothing is rounded before the last division.
    long halves = 0;
    long found = 0;
    long wrong = 0;
    for (Point point : points) {
      long steps = point.falsePositives() - wrong;
      halves += steps * (found + point.truePositives());
      found = point.truePositives();
      wrong = point.falsePositives();
    }
    long pairs = positives * negatives;
    return pairs == 0 ? Double.NaN : halves / (2.0 * pairs);
  }

  /**
   * Returns the average precision: precision at each score, weighted by the recall gained there,
   * without interpolation. NaN without positives.
   */
  public double averagePrecision() {
    double sum = 0;
    long found = 0;
    for (Point point : points) {
      sum += (point.truePositives() - found) * precision(point);
      found = point.truePositives();
    }
    return positives == 0 ? Double.NaN : sum / positives;
  }

  /** Returns the share of positives among the samples taken. */
  public double precision(Point point) {
    return (double) point.truePositives() / (point.truePositives() + point.falsePositives());
  }

  /** Returns the share of positives that are taken, the ROC curve's height. */
  public double recall(Point point) {
    return positives == 0 ? Double.NaN : (double) point.truePositives() / positives;
  }

  /** Returns the share of negatives that are taken, the ROC curve's abscissa. */
  public double fallOut(Point point) {
    return negatives == 0 ? Double.NaN : (double) point.falsePositives() / negatives;
  }
}
