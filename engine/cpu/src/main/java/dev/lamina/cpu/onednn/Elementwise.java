package dev.lamina.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_backward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;

import org.bytedeco.dnnl.global.dnnl;

/** Functions of one number on tensors of any shape, forward and backward. */
public final class Elementwise {
  private Elementwise() {}

  /** The functions; alpha means what the function says, and 0 where it says nothing. */
  public enum Function {
    /** {@code x > 0 ? x : alpha * x}. */
    RELU(dnnl.dnnl_eltwise_relu, dnnl.dnnl_eltwise_relu_use_dst_for_bwd),
    /** {@code x > 0 ? x : alpha * (exp(x) - 1)}. */
    ELU(dnnl.dnnl_eltwise_elu, dnnl.dnnl_eltwise_elu_use_dst_for_bwd),
    /** {@code 1 / (1 + exp(-x))}. */
    LOGISTIC(dnnl.dnnl_eltwise_logistic, dnnl.dnnl_eltwise_logistic_use_dst_for_bwd),
    /** {@code tanh(x)}. */
    TANH(dnnl.dnnl_eltwise_tanh, dnnl.dnnl_eltwise_tanh_use_dst_for_bwd);

    private final int forward;
    private final int backward;

    Function(int forward, int backward) {
      this.forward = forward;
      this.backward = backward;
    }
  }

  /** Forward; source and destination may be one buffer. */
  public static PrimitiveDesc forward(Function function, float alpha, MemoryDesc data) {
    OneDnn library = OneDnn.load();
    try (MemoryDesc.Handle d = data.open();
        Attributes attributes = Attributes.of(PostOp.NONE)) {
      return PrimitiveDesc.create(
          result ->
              dnnl_eltwise_forward_primitive_desc_create(
                  result,
                  library.engine(),
                  dnnl_forward_training,
                  function.forward,
                  d.pointer(),
                  d.pointer(),
                  alpha,
                  0f,
                  attributes.pointer()),
          "dnnl_eltwise_forward_primitive_desc_create",
          function,
          data);
    }
  }

  /**
   * Backward from the forward pass's <em>result</em> ({@link Arg#DST}). Both gradients may be one
   * buffer.
   */
  public static PrimitiveDesc backward(Function function, float alpha, MemoryDesc data) {
    OneDnn library = OneDnn.load();
    try (MemoryDesc.Handle d = data.open();
        Attributes attributes = Attributes.of(PostOp.NONE)) {
      return PrimitiveDesc.create(
          result ->
              dnnl_eltwise_backward_primitive_desc_create(
                  result,
                  library.engine(),
                  function.backward,
                  d.pointer(),
                  d.pointer(),
                  d.pointer(),
                  alpha,
                  0f,
                  null,
                  attributes.pointer()),
          "dnnl_eltwise_backward_primitive_desc_create",
          function,
          data);
    }
  }
}
