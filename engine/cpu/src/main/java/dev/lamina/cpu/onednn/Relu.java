package dev.lamina.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_backward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu_use_dst_for_bwd;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;

/** {@code max(x, 0)} on tensors of any shape, forward and backward. */
public final class Relu {
  private Relu() {}

  /** Forward; source and destination may be one buffer. */
  public static PrimitiveDesc forward(MemoryDesc data) {
    OneDnn library = OneDnn.load();
    try (MemoryDesc.Handle d = data.open();
        Attributes attributes = Attributes.of(PostOp.NONE)) {
      return PrimitiveDesc.create(
          result ->
              dnnl_eltwise_forward_primitive_desc_create(
                  result,
                  library.engine(),
                  dnnl_forward_training,
                  dnnl_eltwise_relu,
                  d.pointer(),
                  d.pointer(),
                  0f,
                  0f,
                  attributes.pointer()),
          "dnnl_eltwise_forward_primitive_desc_create",
          "relu",
          data);
    }
  }

  /**
   * Backward from the forward pass's <em>result</em> ({@link Arg#DST}): passes the gradient where
   * the result is positive. Both gradients may be one buffer.
   */
  public static PrimitiveDesc backward(MemoryDesc data) {
    OneDnn library = OneDnn.load();
    try (MemoryDesc.Handle d = data.open();
        Attributes attributes = Attributes.of(PostOp.NONE)) {
      return PrimitiveDesc.create(
          result ->
              dnnl_eltwise_backward_primitive_desc_create(
                  result,
                  library.engine(),
                  dnnl_eltwise_relu_use_dst_for_bwd,
                  d.pointer(),
                  d.pointer(),
                  d.pointer(),
                  0f,
                  0f,
                  null,
                  attributes.pointer()),
          "dnnl_eltwise_backward_primitive_desc_create",
          "relu",
          data);
    }
  }
}
