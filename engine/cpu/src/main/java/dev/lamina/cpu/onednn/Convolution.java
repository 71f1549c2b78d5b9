package dev.lamina.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_backward_data_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_backward_weights_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;

import java.util.function.Function;

/**
 * Convolution in three directions.
 *
 * <p>Sources are (batch, channels, height, width); weights (out, in, height, width), or with groups
 * (groups, out per group, in per group, height, width); a bias has one dimension.
 */
public final class Convolution {
  private Convolution() {}

  /** {@code dst = post(src * weights + bias)}; the bias may be null. */
  public static PrimitiveDesc forward(
      Algorithm algorithm,
      MemoryDesc src,
      MemoryDesc weights,
      MemoryDesc bias,
      MemoryDesc dst,
      Window window,
      PostOp post) {
    return forward(algorithm, src, weights, bias, dst, window, d -> Attributes.of(post), post);
  }

  /**
   * {@code dst = src * weights + bias + addend}, then {@code max(x, 0)} if asked; {@link
   * Arg#ADDEND} lies as {@code dst} does.
   */
  public static PrimitiveDesc forwardAdd(
      Algorithm algorithm,
      MemoryDesc src,
      MemoryDesc weights,
      MemoryDesc bias,
      MemoryDesc dst,
      Window window,
      boolean relu) {
    return forward(
            algorithm,
            src,
            weights,
            bias,
            dst,
            window,
            d -> Attributes.adding(d, relu),
            relu ? "add, relu" : "add")
        .adding();
  }

  private static PrimitiveDesc forward(
      Algorithm algorithm,
      MemoryDesc src,
      MemoryDesc weights,
      MemoryDesc bias,
      MemoryDesc dst,
      Window window,
      Function<MemoryDesc.Handle, Attributes> post,
      Object shown) {
    OneDnn library = OneDnn.load();
    try (MemoryDesc.Handle s = src.open();
        MemoryDesc.Handle w = weights.open();
        MemoryDesc.Handle b = MemoryDesc.open(bias);
        MemoryDesc.Handle d = dst.open();
        Attributes attributes = post.apply(d)) {
      return PrimitiveDesc.create(
          result ->
              dnnl_convolution_forward_primitive_desc_create(
                  result,
                  library.engine(),
                  dnnl_forward_training,
                  algorithm.convolution(),
                  s.pointer(),
                  w.pointer(),
                  b.pointer(),
                  d.pointer(),
                  window.stride(),
                  window.zeroBasedDilation(),
                  window.padBefore(),
                  window.padAfter(),
                  attributes.pointer()),
          "dnnl_convolution_forward_primitive_desc_create",
          src,
          weights,
          bias,
          dst,
          window,
          shown);
    }
  }

  /** The gradient with respect to the source. */
  public static PrimitiveDesc backwardData(
      Algorithm algorithm,
      MemoryDesc diffSrc,
      MemoryDesc weights,
      MemoryDesc diffDst,
      Window window) {
    OneDnn library = OneDnn.load();
    try (MemoryDesc.Handle s = diffSrc.open();
        MemoryDesc.Handle w = weights.open();
        MemoryDesc.Handle d = diffDst.open();
        Attributes attributes = Attributes.of(PostOp.NONE)) {
      return PrimitiveDesc.create(
          result ->
              dnnl_convolution_backward_data_primitive_desc_create(
                  result,
                  library.engine(),
                  algorithm.convolution(),
                  s.pointer(),
                  w.pointer(),
                  d.pointer(),
                  window.stride(),
                  window.zeroBasedDilation(),
                  window.padBefore(),
                  window.padAfter(),
                  null,
                  attributes.pointer()),
          "dnnl_convolution_backward_data_primitive_desc_create",
          diffSrc,
          weights,
          diffDst,
          window);
    }
  }

  /** The gradients with respect to weights and bias; {@code diffBias} may be null. */
  public static PrimitiveDesc backwardWeights(
      Algorithm algorithm,
      MemoryDesc src,
      MemoryDesc diffWeights,
      MemoryDesc diffBias,
      MemoryDesc diffDst,
      Window window) {
    OneDnn library = OneDnn.load();
    try (MemoryDesc.Handle s = src.open();
        MemoryDesc.Handle w = diffWeights.open();
        MemoryDesc.Handle b = MemoryDesc.open(diffBias);
        MemoryDesc.Handle d = diffDst.open();
        Attributes attributes = Attributes.of(PostOp.NONE)) {
      return PrimitiveDesc.create(
          result ->
              dnnl_convolution_backward_weights_primitive_desc_create(
                  result,
                  library.engine(),
                  algorithm.convolution(),
                  s.pointer(),
                  w.pointer(),
                  b.pointer(),
                  d.pointer(),
                  window.stride(),
                  window.zeroBasedDilation(),
                  window.padBefore(),
                  window.padAfter(),
                  null,
                  attributes.pointer()),
          "dnnl_convolution_backward_weights_primitive_desc_create",
          src,
          diffWeights,
          diffBias,
          diffDst,
          window);
    }
  }
}
