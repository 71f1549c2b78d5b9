package dev.lamina.data;

import java.util.Collections;
import java.util.List;

/**
 * How stored sample values become network inputs: {@code (value * scale - mean[c]) / deviation[c]}.
 *
 * @param scale factor on the stored value: 1/255 for pixels
 * @param mean mean of the scaled values per channel
 * @param deviation standard deviation of the scaled values per channel, positive
 */
public record Normalization(float scale, List<Float> mean, List<Float> deviation) {
  /** Checks the values. */
  public Normalization {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    if (mean.size() != deviation.size() || mean.isEmpty()) {
      throw new DataException("normalization needs one mean and one deviation per channel");
    }
    for (float value : deviation) {
      if (!(value > 0)) {
        throw new DataException("normalization deviation must be positive, not " + value);
      }
    }
  }

  /** Pixels 0-255 of one channel or several, by their mean and deviation in units of 0-1. */
  public static Normalization pixels(List<Float> mean, List<Float> deviation) {
    return new Normalization(1f / 255f, mean, deviation);
  }

  /** Values that pass unchanged. */
  public static Normalization identity(int channels) {
    return new Normalization(
        1f, Collections.nCopies(channels, 0f), Collections.nCopies(channels, 1f));
  }
}
