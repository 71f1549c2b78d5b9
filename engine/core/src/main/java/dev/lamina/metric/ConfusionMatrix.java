package dev.lamina.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** How often samples of each class were taken for each class. Immutable. */
public final class ConfusionMatrix {
  /**
   * How well one class is found. Averages over classes come in the same form.
   *
   * @param support samples of the class
   * @param predicted samples taken for it
   * @param precision share of right ones among those taken for it; 0 where none was taken for it
   *     though it has samples, NaN where it has none either
   * @param recall share of its samples that were found; NaN where it has none
   * @param f1 harmonic mean of both, {@code 2 tp / (support + predicted)}; NaN where the class has
   *     no sample and none was taken for it
   */
  public record ClassScore(
      long support, long predicted, double precision, double recall, double f1) {}

  /**
   * Two classes mixed up in one direction.
   *
   * @param target the right class
   * @param predicted the class its samples were taken for
   * @param count how many
   */
  public record Confusion(int target, int predicted, long count) {}

  private final long[][] counts;
  private final long[] support;
  private final long[] predicted;

  /**
   * Makes a matrix.
   *
   * @param counts {@code [target][predicted]}, square; copied
   */
  public ConfusionMatrix(long[][] counts) {
    int classes = counts.length;
    this.counts = new long[classes][];
    this.support = new long[classes];
    this.predicted = new long[classes];
    for (int target = 0; target < classes; target++) {
      if (counts[target].length != classes) {
        throw new IllegalArgumentException(
            "row %d of a confusion matrix of %d classes has %d columns"
                .formatted(target, classes, counts[target].length));
      }
      this.counts[target] = counts[target].clone();
      support[target] = Arrays.stream(counts[target]).sum();
      for (int c = 0; c < classes; c++) {
        predicted[c] += counts[target][c];
      }
    }
  }

  /** Returns the number of classes. */
  public int classes() {
    return counts.length;
  }

  /** Returns how many samples of one class were taken for another, or for itself. */
  public long count(int target, int predictedClass) {
    return counts[target][predictedClass];
  }

  /** Returns {@link #count} as a share of the target's samples; NaN where it has none. */
  public double share(int target, int predictedClass) {
    return ratio(counts[target][predictedClass], support[target], Double.NaN);
  }

  /** Returns how well a class is found. */
  public ClassScore score(int ofClass) {
    long hits = counts[ofClass][ofClass];
    double absent = support[ofClass] == 0 ? Double.NaN : 0;
    return new ClassScore(
        support[ofClass],
        predicted[ofClass],
        ratio(hits, predicted[ofClass], absent),
        ratio(hits, support[ofClass], Double.NaN),
        ratio(2 * hits, support[ofClass] + predicted[ofClass], Double.NaN));
  }

  /** Returns the mean over the classes that have samples, each counting the same. */
  public ClassScore macro() {
    return average(score -> 1);
  }

  /** Returns the mean over classes weighted by their samples. */
  public ClassScore weighted() {
    return average(ClassScore::support);
  }

  private ClassScore average(ToDoubleFunction<ClassScore> weight) {
    double weights = 0;
    double precision = 0;
    double recall = 0;
    double f1 = 0;
    for (int c = 0; c < classes(); c++) {
      ClassScore score = score(c);
      if (score.support() > 0) {
        double w = weight.applyAsDouble(score);
        weights += w;
        precision += w * score.precision();
        recall += w * score.recall();
        f1 += w * score.f1();
      }
    }
    long samples = Arrays.stream(support).sum();
    return new ClassScore(samples, samples, precision / weights, recall / weights, f1 / weights);
  }

  /**
   * Returns the pairs mixed up most often, the most frequent first, then in order of classes; at
   * most {@code count}, and none that never was.
   */
  public List<Confusion> mostConfused(int count) {
    List<Confusion> pairs = new ArrayList<>();
    for (int target = 0; target < classes(); target++) {
      for (int c = 0; c < classes(); c++) {
        if (c != target && counts[target][c] > 0) {
          pairs.add(new Confusion(target, c, counts[target][c]));
        }
      }
    }
    return pairs.stream()
        .sorted(Comparator.comparingLong(Confusion::count).reversed())
        .limit(count)
        .toList();
  }

  private static double ratio(long part, long whole, double otherwise) {
    return whole == 0 ? otherwise : (double) part / whole;
  }
}
