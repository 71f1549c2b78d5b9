package dev.lamina.cli.experiment;

import java.util.List;

/**
 * Mean and spread of repeated measurements.
 *
 * @param mean NaN without values
 * @param deviation the sample's standard deviation (over n - 1); NaN with fewer than two values
 */
record Spread(int count, double mean, double deviation) {
  static Spread of(List<Double> values) {
    int count = values.size();
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    double mean = count == 0 ? Double.NaN : sum / count;
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return new Spread(count, mean, count < 2 ? Double.NaN : Math.sqrt(squares / (count - 1)));
  }
}
