package dev.lamina.metric;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Class probabilities of the samples of a data set, in its order, each with the right answer: what
 * all figures of an evaluation are made of. Takes {@code 4 * classes} bytes a sample on the heap.
 * Where classes are equally probable, the first counts as the more probable one. Not thread-safe
 * while rows are added.
 */
public final class Predictions {
  private final int classes;
  private float[] probabilities;
  private int[] labels;
  private int size;

  /**
   * Starts without rows.
   *
   * @param expectedRows how many will be added, to save copying
   */
  public Predictions(int classes, int expectedRows) {
    if (classes < 2) {
      throw new IllegalArgumentException("predictions tell 2 classes apart, not " + classes);
    }
    this.classes = classes;
    this.probabilities = new float[Math.multiplyExact(expectedRows, classes)];
    this.labels = new int[expectedRows];
  }

  /**
   * Adds the sample behind the last one.
   *
   * @param label right class
   * @param row probability of each class; copied
   * @throws IllegalArgumentException if the label is no class, or a probability not from 0 to 1
   */
  public void add(int label, float... row) {
    if (row.length != classes || label < 0 || label >= classes) {
      throw new IllegalArgumentException(
          "sample %d: label %d and %d probabilities given for %d classes"
              .formatted(size, label, row.length, classes));
    }
    for (float probability : row) {
      // Softmax may round a hair above 1.
      if (!(probability >= 0 && probability <= 1.001f)) {
        throw new IllegalArgumentException(
            "sample %d: %s is no probability".formatted(size, probability));
      }
    }
    if (size == labels.length) {
      int larger = Math.max(16, size * 2);
      labels = Arrays.copyOf(labels, larger);
      probabilities = Arrays.copyOf(probabilities, Math.multiplyExact(larger, classes));
    }
    System.arraycopy(row, 0, probabilities, size * classes, classes);
    labels[size++] = label;
  }

  /** Returns the number of samples. */
  public int size() {
    return size;
  }

  /** Returns the number of classes. */
  public int classes() {
    return classes;
  }

  /** Returns the right class of a sample. */
  public int label(int sample) {
    return labels[checked(sample)];
  }

  /** Returns how probable a class was for a sample. */
  public float probability(int sample, int ofClass) {
    return probabilities[checked(sample) * classes + ofClass];
  }

  /** Returns the most probable class of a sample. */
  public int predicted(int sample) {
    int best = 0;
    for (int c = 1; c < classes; c++) {
      if (probability(sample, c) > probability(sample, best)) {
        best = c;
      }
    }
    return best;
  }

  /** Returns the probability of a sample's most probable class. */
  public float confidence(int sample) {
    return probability(sample, predicted(sample));
  }

  /**
   * Returns the cross-entropy of a sample, {@code -ln p(label)}; a probability that vanished counts
   * as the smallest float above 0.
   */
  public double loss(int sample) {
    return -Math.log(Math.max(probability(sample, label(sample)), Float.MIN_VALUE));
  }

  /** Returns the mean loss; NaN without samples. */
  public double loss() {
    return IntStream.range(0, size).mapToDouble(this::loss).average().orElse(Double.NaN);
  }

  /** Returns the share of samples whose right class is the most probable; NaN without samples. */
  public double accuracy() {
    return topAccuracy(1);
  }

  /**
   * Returns the share of samples whose right class is among the {@code k} most probable; NaN
   * without samples.
   */
  public double topAccuracy(int k) {
    long right = IntStream.range(0, size).filter(sample -> rank(sample) < k).count();
    return size == 0 ? Double.NaN : (double) right / size;
  }

  /** Returns how many classes counted as more probable than the right one. */
  private int rank(int sample) {
    int label = label(sample);
    float right = probability(sample, label);
    int before = 0;
    for (int c = 0; c < classes; c++) {
      float other = probability(sample, c);
      if (other > right || other == right && c < label) {
        before++;
      }
    }
    return before;
  }

  /** Returns who was taken for whom. */
  public ConfusionMatrix confusion() {
    long[][] counts = new long[classes][classes];
    for (int sample = 0; sample < size; sample++) {
      counts[label(sample)][predicted(sample)]++;
    }
    return new ConfusionMatrix(counts);
  }

  /** Returns how well one class is told from all others, by its probability. */
  public Ranking ranking(int ofClass) {
    float[] scores = new float[size];
    boolean[] positive = new boolean[size];
    for (int sample = 0; sample < size; sample++) {
      scores[sample] = probability(sample, ofClass);
      positive[sample] = label(sample) == ofClass;
    }
    return Ranking.of(scores, positive);
  }

  /** Returns how far confidences can be believed, in so many bins of equal width. */
  public Calibration calibration(int bins) {
    float[] confidences = new float[size];
    boolean[] right = new boolean[size];
    for (int sample = 0; sample < size; sample++) {
      int predicted = predicted(sample);
      confidences[sample] = probability(sample, predicted);
      right[sample] = predicted == label(sample);
    }
    return Calibration.of(confidences, right, bins);
  }

  /** Returns the samples of the largest loss, the largest first; at most {@code count}. */
  public List<Integer> hardest(int count) {
    return IntStream.range(0, size)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer sample) -> -loss(sample)))
        .limit(count)
        .toList();
  }

  private int checked(int sample) {
    if (sample < 0 || sample >= size) {
      throw new IndexOutOfBoundsException("sample " + sample + " of " + size);
    }
    return sample;
  }
}
