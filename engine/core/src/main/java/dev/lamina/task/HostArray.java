package dev.lamina.task;

import dev.lamina.tensor.DataType;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;

/**
 * An array of the caller's that tasks work on: transfers copy from and to it. Identity counts; two
 * arrays are two even if they share values.
 */
public final class HostArray {
  private final String name;
  private final TensorSpec spec;

  /** A {@code float[]}, {@code int[]} or {@code byte[]}, as the type says. */
  private final Object values;

  private HostArray(String name, TensorSpec spec, Object values, int length) {
    this.name = name;
    this.spec = spec;
    this.values = values;
    if (spec.elements() != length) {
      throw new ShapeException(
          "array "
              + name
              + ": "
              + spec
              + " has "
              + spec.elements()
              + " elements, but "
              + length
              + " values were given");
    }
  }

  /**
   * Wraps floats; the array is kept, not copied.
   *
   * @param name unique in a graph
   * @param dims logical shape, whose elements are as many as the values
   */
  public static HostArray f32(String name, float[] values, long... dims) {
    return new HostArray(name, TensorSpec.f32(dims), values, values.length);
  }

  /** Makes an array of zeros. */
  public static HostArray f32(String name, long... dims) {
    return f32(name, new float[Math.toIntExact(TensorSpec.f32(dims).elements())], dims);
  }

  /** Wraps signed integers; the array is kept, not copied. */
  public static HostArray i32(String name, int[] values, long... dims) {
    return new HostArray(name, TensorSpec.i32(dims), values, values.length);
  }

  /** Wraps unsigned bytes; the array is kept, not copied. */
  public static HostArray u8(String name, byte[] values, long... dims) {
    return new HostArray(name, TensorSpec.u8(dims), values, values.length);
  }

  /** Returns the name. */
  public String name() {
    return name;
  }

  /** Returns type and shape. */
  public TensorSpec spec() {
    return spec;
  }

  /**
   * Returns the caller's own floats.
   *
   * @throws IllegalStateException if the array has another type
   */
  public float[] values() {
    return (float[]) values(DataType.F32);
  }

  /**
   * Returns the caller's own integers.
   *
   * @throws IllegalStateException if the array has another type
   */
  public int[] ints() {
    return (int[]) values(DataType.I32);
  }

  /**
   * Returns the caller's own bytes.
   *
   * @throws IllegalStateException if the array has another type
   */
  public byte[] bytes() {
    return (byte[]) values(DataType.U8);
  }

  private Object values(DataType type) {
    if (spec.type() != type) {
      throw new IllegalStateException("array " + this + " holds no values of type " + type);
    }
    return values;
  }

  /** Copies the values to bytes in their own order. */
  void put(ByteBuffer bytes) {
    if (values instanceof float[] floats) {
      bytes.asFloatBuffer().put(floats);
    } else if (values instanceof int[] ints) {
      bytes.asIntBuffer().put(ints);
    } else {
      bytes.put((byte[]) values);
    }
  }

  /** Copies the values from bytes in their own order. */
  void get(ByteBuffer bytes) {
    if (values instanceof float[] floats) {
      bytes.asFloatBuffer().get(floats);
    } else if (values instanceof int[] ints) {
      bytes.asIntBuffer().get(ints);
    } else {
      bytes.get((byte[]) values);
    }
  }

  @Override
  public String toString() {
    return name + " " + spec;
  }
}
