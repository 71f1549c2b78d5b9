package dev.lamina.datasets;

import dev.lamina.data.DataSplits;
import dev.lamina.data.InMemoryDataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import dev.lamina.random.Philox;
import dev.lamina.tensor.DataType;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Handwritten digits that no one wrote: generated from strokes, always the same, so that a first
 * training needs no file. Sample {@code i} shows digit {@code i} modulo 10.
 */
final class DigitsSource implements DatasetSource {
  static final int TRAIN_SIZE = 20_000;
  static final int TEST_SIZE = 4_000;

  /** Part of what the data set is: another seed would be another data set. */
  private static final long SEED = 20;

  private static final int CHUNK = 250;

  @Override
  public DatasetDescription description() {
    return new DatasetDescription(
        "digits",
        "handwritten digits, generated from strokes",
        SampleSpec.of(DataType.U8, 1, DigitPen.SIDE, DigitPen.SIDE, 10),
        Normalization.pixels(List.of(0.1182f), List.of(0.2627f)),
        TRAIN_SIZE,
        TEST_SIZE,
        0,
        "part of Lamina; Apache-2.0");
  }

  @Override
  public DataSplits open(DatasetOptions options) {
    options
        .dataDir()
        .ifPresent(
            folder -> options.listener().notice("digits is generated; " + folder + " is not used"));
    byte[] train = pixels(0, TRAIN_SIZE);
    byte[] test = pixels(TRAIN_SIZE, TEST_SIZE);
    return new DataSplits(
        dataset(train),
        dataset(test),
        Map.of(
            "digits (train)", "generated, sha256 " + Sha256.of(train),
            "digits (test)", "generated, sha256 " + Sha256.of(test)));
  }

  /** Draws samples {@code first} to {@code first + count - 1} on the threads of the common pool. */
  static byte[] pixels(int first, int count) {
    int size = DigitPen.SIDE * DigitPen.SIDE;
    byte[] pixels = new byte[count * size];
    Philox philox = new Philox(SEED, 0);
    IntStream.range(0, (count + CHUNK - 1) / CHUNK)
        .parallel()
        .forEach(
            chunk -> {
              DigitPen pen = new DigitPen();
              int end = Math.min((chunk + 1) * CHUNK, count);
              for (int i = chunk * CHUNK; i < end; i++) {
                int sample = first + i;
                pen.draw(sample % 10, new Draws(philox, sample), pixels, i * size);
              }
            });
    return pixels;
  }

  private InMemoryDataset dataset(byte[] pixels) {
    DatasetDescription description = description();
    int[] labels =
        IntStream.range(0, pixels.length / description.spec().elements())
            .map(i -> i % 10)
            .toArray();
    return InMemoryDataset.ofPixels(
        description.name(), description.spec(), description.normalization(), pixels, labels);
  }
}
