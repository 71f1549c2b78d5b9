package dev.lamina.data;

import dev.lamina.tensor.DataType;
import dev.lamina.tensor.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What one sample of a data set looks like.
 *
 * @param type {@link DataType#U8} (pixels 0-255) or {@link DataType#F32}
 * @param channels colour planes, outermost
 * @param height rows
 * @param width columns
 * @param classNames one name per class, in label order; at least two
 */
public record SampleSpec(
    DataType type, int channels, int height, int width, List<String> classNames) {

  /** Checks the values. */
  public SampleSpec {
    if (type != DataType.U8 && type != DataType.F32) {
      throw new DataException("samples must be u8 or f32, not " + type);
    }
    if (channels < 1 || height < 1 || width < 1) {
      throw new DataException(
          "samples of " + channels + "x" + height + "x" + width + " have an extent below 1");
    }
    classNames = List.copyOf(classNames);
    if (classNames.size() < 2) {
      throw new DataException(
          "a data set needs at least two classes, but has " + classNames.size());
    }
  }

  /** Makes a spec whose classes are named "0", "1", …. */
  public static SampleSpec of(DataType type, int channels, int height, int width, int classes) {
    return new SampleSpec(
        type,
        channels,
        height,
        width,
        IntStream.range(0, classes).mapToObj(Integer::toString).toList());
  }

  /** Returns the number of classes. */
  public int classes() {
    return classNames.size();
  }

  /** Returns the shape of {@code rows} samples: {@code [rows, channels, height, width]}. */
  public Shape batch(long rows) {
    return Shape.of(rows, channels, height, width);
  }

  /** Returns the elements of one sample. */
  public int elements() {
    return Math.multiplyExact(Math.multiplyExact(channels, height), width);
  }

  /** Returns the bytes of one sample. */
  public int bytes() {
    return Math.multiplyExact(elements(), type.bytes());
  }

  /** Returns type and extents as {@code u8 1x28x28, 10 classes}. */
  @Override
  public String toString() {
    return type + " " + channels + "x" + height + "x" + width + ", " + classes() + " classes";
  }
}
