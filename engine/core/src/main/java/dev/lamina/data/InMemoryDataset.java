package dev.lamina.data;

import dev.lamina.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** A data set whose samples lie in one heap array; also the way in for arrays of one's own. */
public final class InMemoryDataset implements Dataset {
  private final String name;
  private final SampleSpec spec;
  private final Normalization normalization;
  private final byte[] pixels;
  private final float[] values;
  private final int[] labels;

  private InMemoryDataset(
      String name,
      SampleSpec spec,
      Normalization normalization,
      byte[] pixels,
      float[] values,
      int[] labels) {
    this.name = name;
    this.spec = spec;
    this.normalization = normalization;
    this.pixels = pixels;
    this.values = values;
    this.labels = labels;
    long expected = (long) labels.length * spec.elements();
    long given = pixels != null ? pixels.length : values.length;
    if (labels.length == 0) {
      throw new DataException("data set " + name + " has no samples");
    }
    if (given != expected) {
      throw new DataException(
          String.format(
              "data set %s: %d labels of %s need %d values, but %d were given",
              name, labels.length, spec, expected, given));
    }
    if (normalization.mean().size() != spec.channels()) {
      throw new DataException(
          String.format(
              "data set %s: normalization has %d channels, samples have %d",
              name, normalization.mean().size(), spec.channels()));
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= spec.classes()) {
        throw new DataException(
            String.format(
                "data set %s: label %d of sample %d is outside 0..%d",
                name, labels[i], i, spec.classes() - 1));
      }
    }
  }

  /**
   * Makes a data set of pixels; the arrays are kept, not copied.
   *
   * @param pixels {@code [labels.length, channels, height, width]} unsigned bytes
   * @throws DataException if counts disagree or a label is out of range
   */
  public static InMemoryDataset ofPixels(
      String name, SampleSpec spec, Normalization normalization, byte[] pixels, int[] labels) {
    require(name, spec, DataType.U8);
    return new InMemoryDataset(name, spec, normalization, pixels, null, labels);
  }

  /**
   * Makes a data set of float samples that enter the network unchanged; the arrays are kept, not
   * copied.
   *
   * @param values {@code [labels.length, channels, height, width]}
   * @throws DataException if counts disagree or a label is out of range
   */
  public static InMemoryDataset ofFloats(
      String name, SampleSpec spec, float[] values, int[] labels) {
    require(name, spec, DataType.F32);
    return new InMemoryDataset(
        name, spec, Normalization.identity(spec.channels()), null, values, labels);
  }

  private static void require(String name, SampleSpec spec, DataType type) {
    if (spec.type() != type) {
      throw new DataException("data set " + name + ": " + type + " samples given for " + spec);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public SampleSpec spec() {
    return spec;
  }

  @Override
  public Normalization normalization() {
    return normalization;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public void read(int index, ByteBuffer destination) {
    int elements = spec.elements();
    if (pixels != null) {
      destination.put(pixels, Math.multiplyExact(index, elements), elements);
    } else {
      FloatBuffer floats = destination.slice().order(ByteOrder.nativeOrder()).asFloatBuffer();
      floats.put(values, Math.multiplyExact(index, elements), elements);
      destination.position(destination.position() + elements * Float.BYTES);
    }
  }
}
