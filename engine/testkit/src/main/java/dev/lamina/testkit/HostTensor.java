package dev.lamina.testkit;

import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A tensor on the host: its values in double precision, in canonical order, whatever its type. The
 * values can be changed.
 */
public final class HostTensor {
  private final TensorSpec spec;
  private final double[] values;

  private HostTensor(TensorSpec spec, double[] values) {
    this.spec = spec;
    this.values = values;
  }

  /** Makes a tensor of zeros. */
  public static HostTensor zeros(TensorSpec spec) {
    return new HostTensor(spec, new double[Math.toIntExact(spec.elements())]);
  }

  /**
   * Makes a tensor of these values.
   *
   * @throws IllegalArgumentException if their number is not the spec's
   */
  public static HostTensor of(TensorSpec spec, double... values) {
    if (values.length != spec.elements()) {
      throw new IllegalArgumentException(values.length + " values given for " + spec);
    }
    return new HostTensor(spec, values.clone());
  }

  /** Reads the canonical form from the buffer's position on, in native byte order. */
  public static HostTensor read(TensorSpec spec, ByteBuffer source) {
    ByteBuffer bytes = source.slice().order(ByteOrder.nativeOrder());
    HostTensor tensor = zeros(spec);
    for (int i = 0; i < tensor.values.length; i++) {
      tensor.values[i] =
          switch (spec.type()) {
            case F32 -> bytes.getFloat(4 * i);
            case I32 -> bytes.getInt(4 * i);
            case U8 -> bytes.get(i) & 0xFF;
            case BF16 -> Float.intBitsToFloat(bytes.getShort(2 * i) << 16);
          };
    }
    return tensor;
  }

  /** Writes the canonical form at the buffer's position, rounding each value to the type. */
  public void write(ByteBuffer destination) {
    ByteBuffer bytes = destination.slice().order(ByteOrder.nativeOrder());
    for (int i = 0; i < values.length; i++) {
      switch (spec.type()) {
        case F32 -> bytes.putFloat(4 * i, (float) values[i]);
        case I32 -> bytes.putInt(4 * i, (int) values[i]);
        case U8 -> bytes.put(i, (byte) values[i]);
        case BF16 -> bytes.putShort(2 * i, bfloat16((float) values[i]));
      }
    }
  }

  /** Returns type and shape. */
  public TensorSpec spec() {
    return spec;
  }

  /** Returns the values themselves, not a copy. */
  public double[] values() {
    return values;
  }

  /** Returns value {@code i} of the canonical order. */
  public double at(int i) {
    return values[i];
  }

  /** Returns an independent copy. */
  public HostTensor copy() {
    return new HostTensor(spec, values.clone());
  }

  /** Returns what bfloat16 holds of the values; other types than F32 stay as they are. */
  HostTensor rounded() {
    HostTensor rounded = copy();
    for (int i = 0; spec.type() == DataType.F32 && i < values.length; i++) {
      rounded.values[i] = Float.intBitsToFloat(bfloat16((float) values[i]) << 16);
    }
    return rounded;
  }

  /** Returns extent {@code axis} of the shape. */
  int size(int axis) {
    return spec.shape().size(axis);
  }

  @Override
  public String toString() {
    return spec.toString();
  }

  /** Rounds to the nearest bfloat16, ties to even; a NaN stays one. */
  private static short bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
  }
}
