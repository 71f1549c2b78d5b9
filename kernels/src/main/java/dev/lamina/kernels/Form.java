package dev.lamina.kernels;

import dev.lamina.device.Layout;
import dev.lamina.device.Precision;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * The physical forms of tensors of single precision on GPUs. Without padding, so a form follows
 * from its tag and the tensor's spec.
 */
public enum Form {
  /** Row-major, in single precision. */
  CANONICAL(Layout.CANONICAL, Float.BYTES, false),
  /** An image whose channels run fastest, in single precision. */
  LAST("nhwc", Float.BYTES, true),
  /** Row-major, as bfloat16. */
  HALF("bf16", Short.BYTES, false),
  /** An image whose channels run fastest, as bfloat16. */
  HALF_LAST("nhwc-bf16", Short.BYTES, true);

  private final String tag;
  private final int bytes;
  private final boolean last;

  Form(String tag, int bytes, boolean last) {
    this.tag = tag;
    this.bytes = bytes;
    this.last = last;
  }

  /** Returns the form in which images, and filters, are in a precision. */
  public static Form images(Precision precision) {
    return switch (precision) {
      case F32 -> CANONICAL;
      case TF32 -> LAST;
      case BF16 -> HALF_LAST;
    };
  }

  /** Returns the form in which the factors of matrix products are in a precision. */
  public static Form matrices(Precision precision) {
    return precision == Precision.BF16 ? HALF : CANONICAL;
  }

  /** Returns the forms that a tensor may be in, the canonical one first. */
  static List<Form> of(TensorSpec spec, Precision precision) {
    if (spec.type() != DataType.F32) {
      return List.of(CANONICAL);
    }
    boolean image = spec.shape().rank() == 4;
    return switch (precision) {
      case F32 -> List.of(CANONICAL);
      case TF32 -> image ? List.of(CANONICAL, LAST) : List.of(CANONICAL);
      case BF16 -> image ? List.of(CANONICAL, HALF, HALF_LAST) : List.of(CANONICAL, HALF);
    };
  }

  /** Returns the layout of a tensor in this form. */
  public Layout layout(TensorSpec spec) {
    boolean single = spec.type() == DataType.F32;
    return new Layout(tag, single ? spec.elements() * bytes : spec.bytes());
  }

  /** Says whether values are bfloat16. */
  public boolean half() {
    return bytes == Short.BYTES;
  }

  /** Says whether channels run fastest. */
  public boolean last() {
    return last;
  }

  @Override
  public String toString() {
    return tag;
  }
}
