package dev.lamina.data;

import java.nio.ByteBuffer;

/** Copies samples out of data sets, which anybody may write, and holds them to their contract. */
public final class SampleCopy {
  private SampleCopy() {}

  /**
   * Puts one sample and its label behind those that the buffers hold already.
   *
   * @param pixels as long as all samples that go into it
   * @param labels as {@code int32}
   * @throws DataException if the sample cannot be read, is of another length than its spec says, or
   *     has a label of no class
   */
  public static void append(Dataset dataset, int index, ByteBuffer pixels, ByteBuffer labels) {
    int from = pixels.position();
    int bytes = dataset.spec().bytes();
    int label;
    try {
      dataset.read(index, pixels.limit(from + bytes));
      label = dataset.label(index);
    } catch (DataException known) {
      throw known;
    } catch (RuntimeException broken) {
      throw new DataException(
          "reading sample %d of data set %s failed: %s".formatted(index, dataset.name(), broken),
          broken);
    }
    if (pixels.position() != from + bytes) {
      throw new DataException(
          "data set %s: sample %d should be of %d bytes, but read() wrote %d"
              .formatted(dataset.name(), index, bytes, pixels.position() - from));
    }
    if (label < 0 || label >= dataset.spec().classes()) {
      throw new DataException(
          "data set %s: label %d of sample %d is outside 0..%d"
              .formatted(dataset.name(), label, index, dataset.spec().classes() - 1));
    }
    pixels.limit(pixels.capacity());
    labels.putInt(label);
  }
}
