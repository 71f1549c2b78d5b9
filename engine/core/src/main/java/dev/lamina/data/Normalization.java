package dev.lamina.data;

import dev.lamina.tensor.DataType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
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
  private static final double MOST = 255;

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

  /**
   * Brings pixels of one channel or several from {@code least} for 0 to 1 for 255.
   *
   * @param least 0, or -1 for values about zero
   */
  public static Normalization range(int channels, int least) {
    float span = 1 - least;
    return pixels(
        Collections.nCopies(channels, -least / span), Collections.nCopies(channels, 1 / span));
  }

  /**
   * Measures mean and deviation of each channel over all samples of a data set.
   *
   * @throws DataException if its samples are no pixels
   */
  public static Normalization measured(Dataset dataset) {
    SampleSpec spec = dataset.spec();
    if (spec.type() != DataType.U8) {
      throw new DataException(
          "samples of %s (%s) are no pixels: they have no normalization to measure"
              .formatted(dataset.name(), spec));
    }
    int plane = spec.height() * spec.width();
    long[] sums = new long[spec.channels()];
    long[] squares = new long[spec.channels()];
    byte[] sample = new byte[spec.bytes()];
    ByteBuffer pixels = ByteBuffer.wrap(sample);
    ByteBuffer label = ByteBuffer.allocate(Integer.BYTES);
    for (int n = 0; n < dataset.size(); n++) {
      SampleCopy.append(dataset, n, pixels.clear(), label.clear());
      for (int i = 0; i < sample.length; i++) {
        int value = sample[i] & 0xFF;
        sums[i / plane] += value;
        squares[i / plane] += (long) value * value;
      }
    }
    double count = (double) dataset.size() * plane;
    List<Float> mean = new ArrayList<>();
    List<Float> deviation = new ArrayList<>();
    for (int c = 0; c < sums.length; c++) {
      double average = sums[c] / count;
      double spread = Math.sqrt(Math.max(0, squares[c] / count - average * average));
      mean.add((float) (average / MOST));
      // Pixels of a single brightness have no deviation to divide by.
      deviation.add((float) (Math.max(spread, 1) / MOST));
    }
    return pixels(mean, deviation);
  }

  /** Values that pass unchanged. */
  public static Normalization identity(int channels) {
    return new Normalization(
        1f, Collections.nCopies(channels, 0f), Collections.nCopies(channels, 1f));
  }
}
