package dev.lamina.cpu.onednn;

/** {@code max(x, 0)} on tensors of any shape, forward and backward. */
public final class Relu {
  private Relu() {}

  /** Forward; source and destination may be one buffer. */
  public static PrimitiveDesc forward(MemoryDesc data) {
    return Elementwise.forward(Elementwise.Function.RELU, 0, data);
  }

  /**
   * Backward from the forward pass's <em>result</em> ({@link Arg#DST}): passes the gradient where
   * the result is positive. Both gradients may be one buffer.
   */
  public static PrimitiveDesc backward(MemoryDesc data) {
    return Elementwise.backward(Elementwise.Function.RELU, 0, data);
  }
}
