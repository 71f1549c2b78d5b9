package dev.lamina.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_inference;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_backward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_forward_primitive_desc_create;

import org.bytedeco.dnnl.global.dnnl;

/** Pooling of planes, forward and backward. */
public final class Pooling {
  /** What is kept of a window. */
  public enum Kind {
    MAX(dnnl.dnnl_pooling_max),
    /** The mean over the taps that lie inside the plane. */
    AVERAGE_INSIDE(dnnl.dnnl_pooling_avg_exclude_padding),
    /** The mean over the whole window, padding counted as zeros. */
    AVERAGE_ALL(dnnl.dnnl_pooling_avg_include_padding);

    private final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  private Pooling() {}

  /**
   * Forward; for training, max pooling also writes a {@link Arg#WORKSPACE} for its backward pass.
   *
   * @param kernel {height, width}
   */
  public static PrimitiveDesc forward(
      Kind kind, boolean training, MemoryDesc src, MemoryDesc dst, long[] kernel, Window window) {
    OneDnn library = OneDnn.load();
    try (MemoryDesc.Handle s = src.open();
        MemoryDesc.Handle d = dst.open();
        Attributes attributes = Attributes.of(PostOp.NONE)) {
      return PrimitiveDesc.create(
          result ->
              dnnl_pooling_forward_primitive_desc_create(
                  result,
                  library.engine(),
                  training ? dnnl_forward_training : dnnl_forward_inference,
                  kind.code,
                  s.pointer(),
                  d.pointer(),
                  window.stride(),
                  kernel,
                  window.zeroBasedDilation(),
                  window.padBefore(),
                  window.padAfter(),
                  attributes.pointer()),
          "dnnl_pooling_forward_primitive_desc_create",
          kind,
          src,
          dst,
          kernel,
          window);
    }
  }

  /** Backward; for max pooling it reads the {@link Arg#WORKSPACE} of the forward pass. */
  public static PrimitiveDesc backward(
      Kind kind, MemoryDesc diffSrc, MemoryDesc diffDst, long[] kernel, Window window) {
    OneDnn library = OneDnn.load();
    PrimitiveDesc forward = forward(kind, true, diffSrc, diffDst, kernel, window);
    try (MemoryDesc.Handle s = diffSrc.open();
        MemoryDesc.Handle d = diffDst.open();
        Attributes attributes = Attributes.of(PostOp.NONE)) {
      return PrimitiveDesc.create(
          result ->
              dnnl_pooling_backward_primitive_desc_create(
                  result,
                  library.engine(),
                  kind.code,
                  s.pointer(),
                  d.pointer(),
                  window.stride(),
                  kernel,
                  window.zeroBasedDilation(),
                  window.padBefore(),
                  window.padAfter(),
                  forward.handle(),
                  attributes.pointer()),
          forward,
          "dnnl_pooling_backward_primitive_desc_create",
          kind,
          diffSrc,
          diffDst,
          kernel,
          window);
    }
  }
}
