package dev.lamina.data;

import dev.lamina.tensor.DataType;
import java.nio.ByteBuffer;

/** A data set of pixels that become network inputs in another way than it says itself. */
public final class Renormalized implements Dataset {
  private final Dataset stored;
  private final Normalization normalization;

  private Renormalized(Dataset stored, Normalization normalization) {
    this.stored = stored;
    this.normalization = normalization;
  }

  /**
   * Returns the data set with that normalization, itself if it has it already.
   *
   * @throws DataException if the samples are no pixels, or have other channels
   */
  public static Dataset of(Dataset stored, Normalization normalization) {
    if (stored.normalization().equals(normalization)) {
      return stored;
    }
    SampleSpec spec = stored.spec();
    if (spec.type() != DataType.U8) {
      throw new DataException(
          "samples of %s (%s) are no pixels and enter a network as they are"
              .formatted(stored.name(), spec));
    }
    if (spec.channels() != normalization.mean().size()) {
      throw new DataException(
          "data set %s: normalization has %d channels, samples have %d"
              .formatted(stored.name(), normalization.mean().size(), spec.channels()));
    }
    return new Renormalized(stored, normalization);
  }

  @Override
  public String name() {
    return stored.name();
  }

  @Override
  public SampleSpec spec() {
    return stored.spec();
  }

  @Override
  public Normalization normalization() {
    return normalization;
  }

  @Override
  public int size() {
    return stored.size();
  }

  @Override
  public int label(int index) {
    return stored.label(index);
  }

  @Override
  public void read(int index, ByteBuffer destination) {
    stored.read(index, destination);
  }
}
