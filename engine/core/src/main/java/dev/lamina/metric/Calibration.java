package dev.lamina.metric;

import java.util.ArrayList;
import java.util.List;

/**
 * How far confidences can be believed: in a calibrated model, nine of ten answers given with 90 %
 * are right.
 *
 * @param bins by confidence, from 0 to 1, of equal width, each with its upper bound inside
 */
public record Calibration(List<Bin> bins) {
  /**
   * The answers of like confidence.
   *
   * @param samples how many
   * @param confidence their mean confidence; NaN without samples
   * @param accuracy share of right ones; NaN without samples
   */
  public record Bin(long samples, double confidence, double accuracy) {}

  /** Keeps a copy. */
  public Calibration {
    bins = List.copyOf(bins);
  }

  static Calibration of(float[] confidences, boolean[] right, int count) {
    long[] samples = new long[count];
    long[] hits = new long[count];
    double[] sums = new double[count];
    for (int i = 0; i < confidences.length; i++) {
      int bin = (int) Math.ceil((double) confidences[i] * count) - 1;
      bin = Math.max(0, Math.min(count - 1, bin));
      samples[bin]++;
      hits[bin] += right[i] ? 1 : 0;
      sums[bin] += confidences[i];
    }
    List<Bin> bins = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      bins.add(new Bin(samples[i], sums[i] / samples[i], (double) hits[i] / samples[i]));
    }
    return new Calibration(bins);
  }

  /**
   * Returns the expected calibration error: the mean distance between confidence and accuracy of a
   * bin, weighted by its samples. NaN without samples.
   */
  public double expectedError() {
    double error = 0;
    long samples = 0;
    for (Bin bin : bins) {
      if (bin.samples() > 0) {
        error += bin.samples() * Math.abs(bin.confidence() - bin.accuracy());
        samples += bin.samples();
      }
    }
    return samples == 0 ? Double.NaN : error / samples;
  }
}
