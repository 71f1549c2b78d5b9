package dev.lamina.task;

import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;

/**
 * An array of the caller's that tasks work on: transfers copy from and to it. Identity counts; two
 * arrays are two even if they share values.
 */
public final class HostArray {
  private final String name;
  private final TensorSpec spec;
  private final float[] values;

  private HostArray(String name, TensorSpec spec, float[] values) {
    this.name = name;
    this.spec = spec;
    this.values = values;
  }

  /**
   * Wraps floats; the array is kept, not copied.
   *
   * @param name unique in a graph
   * @param dims logical shape, whose elements are as many as the values
   */
  public static HostArray f32(String name, float[] values, long... dims) {
    TensorSpec spec = TensorSpec.f32(dims);
    if (spec.elements() != values.length) {
      throw new ShapeException(
          "array "
              + name
              + ": "
              + spec
              + " has "
              + spec.elements()
              + " elements, but "
              + values.length
              + " values were given");
    }
    return new HostArray(name, spec, values);
  }

  /** Makes an array of zeros. */
  public static HostArray f32(String name, long... dims) {
    return f32(name, new float[Math.toIntExact(TensorSpec.f32(dims).elements())], dims);
  }

  /** Returns the name. */
  public String name() {
    return name;
  }

  /** Returns type and shape. */
  public TensorSpec spec() {
    return spec;
  }

  /** Returns the caller's own values. */
  public float[] values() {
    return values;
  }

  @Override
  public String toString() {
    return name + " " + spec;
  }
}
