package dev.lamina.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_inner_product_backward_data_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_inner_product_backward_weights_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_inner_product_forward_primitive_desc_create;

/**
 * A fully connected layer in three directions.
 *
 * <p>Sources are (batch, features) or (batch, channels, height, width), weights (out, features) or
 * (out, channels, height, width) to match, destinations (batch, out), a bias (out).
 */
public final class InnerProduct {
  private InnerProduct() {}

  /** {@code dst = post(src · weightsᵀ + bias)}; the bias may be null. */
  public static PrimitiveDesc forward(
      MemoryDesc src, MemoryDesc weights, MemoryDesc bias, MemoryDesc dst, PostOp post) {
    OneDnn library = OneDnn.load();
    try (MemoryDesc.Handle s = src.open();
        MemoryDesc.Handle w = weights.open();
        MemoryDesc.Handle b = MemoryDesc.open(bias);
        MemoryDesc.Handle d = dst.open();
        Attributes attributes = Attributes.of(post)) {
      return PrimitiveDesc.create(
          result ->
              dnnl_inner_product_forward_primitive_desc_create(
                  result,
                  library.engine(),
                  dnnl_forward_training,
                  s.pointer(),
                  w.pointer(),
                  b.pointer(),
                  d.pointer(),
                  attributes.pointer()),
          "dnnl_inner_product_forward_primitive_desc_create",
          src,
          weights,
          bias,
          dst,
          post);
    }
  }

  /** The gradient with respect to the source. */
  public static PrimitiveDesc backwardData(
      MemoryDesc diffSrc, MemoryDesc weights, MemoryDesc diffDst) {
    OneDnn library = OneDnn.load();
    try (MemoryDesc.Handle s = diffSrc.open();
        MemoryDesc.Handle w = weights.open();
        MemoryDesc.Handle d = diffDst.open();
        Attributes attributes = Attributes.of(PostOp.NONE)) {
      return PrimitiveDesc.create(
          result ->
              dnnl_inner_product_backward_data_primitive_desc_create(
                  result,
                  library.engine(),
                  s.pointer(),
                  w.pointer(),
                  d.pointer(),
                  null,
                  attributes.pointer()),
          "dnnl_inner_product_backward_data_primitive_desc_create",
          diffSrc,
          weights,
          diffDst);
    }
  }

  /** The gradients with respect to weights and bias; {@code diffBias} may be null. */
  public static PrimitiveDesc backwardWeights(
      MemoryDesc src, MemoryDesc diffWeights, MemoryDesc diffBias, MemoryDesc diffDst) {
    OneDnn library = OneDnn.load();
    try (MemoryDesc.Handle s = src.open();
        MemoryDesc.Handle w = diffWeights.open();
        MemoryDesc.Handle b = MemoryDesc.open(diffBias);
        MemoryDesc.Handle d = diffDst.open();
        Attributes attributes = Attributes.of(PostOp.NONE)) {
      return PrimitiveDesc.create(
          result ->
              dnnl_inner_product_backward_weights_primitive_desc_create(
                  result,
                  library.engine(),
                  s.pointer(),
                  w.pointer(),
                  b.pointer(),
                  d.pointer(),
                  null,
                  attributes.pointer()),
          "dnnl_inner_product_backward_weights_primitive_desc_create",
          src,
          diffWeights,
          diffBias,
          diffDst);
    }
  }
}
