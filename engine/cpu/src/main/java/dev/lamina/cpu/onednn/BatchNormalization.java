package dev.lamina.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_backward;
import static org.bytedeco.dnnl.global.dnnl.dnnl_batch_normalization_backward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_batch_normalization_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_inference;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_global_stats;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_scale;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_shift;

/**
 * Batch normalisation with {@link Arg#SCALE} and {@link Arg#SHIFT}, forward and backward; source
 * and destination have the same layout.
 */
public final class BatchNormalization {
  private static final int AFFINE = dnnl_use_scale | dnnl_use_shift;

  private BatchNormalization() {}

  /** By the batch's own statistics, which it writes: {@link Arg#MEAN}, {@link Arg#VARIANCE}. */
  public static PrimitiveDesc training(MemoryDesc data, float epsilon) {
    return forward(data, epsilon, dnnl_forward_training, AFFINE);
  }

  /** By given statistics, which it reads: {@link Arg#MEAN}, {@link Arg#VARIANCE}. */
  public static PrimitiveDesc inference(MemoryDesc data, float epsilon) {
    return forward(data, epsilon, dnnl_forward_inference, AFFINE | dnnl_use_global_stats);
  }

  private static PrimitiveDesc forward(MemoryDesc data, float epsilon, int kind, int flags) {
    OneDnn library = OneDnn.load();
    try (MemoryDesc.Handle d = data.open();
        Attributes attributes = Attributes.of(PostOp.NONE)) {
      return PrimitiveDesc.create(
          result ->
              dnnl_batch_normalization_forward_primitive_desc_create(
                  result,
                  library.engine(),
                  kind,
                  d.pointer(),
                  d.pointer(),
                  epsilon,
                  flags,
                  attributes.pointer()),
          "dnnl_batch_normalization_forward_primitive_desc_create",
          data,
          epsilon);
    }
  }

  /** The gradients of source, scale and shift; the statistics are those of the forward pass. */
  public static PrimitiveDesc backward(MemoryDesc data, float epsilon) {
    OneDnn library = OneDnn.load();
    PrimitiveDesc forward = training(data, epsilon);
    try (MemoryDesc.Handle d = data.open();
        Attributes attributes = Attributes.of(PostOp.NONE)) {
      PrimitiveDesc backward =
          PrimitiveDesc.create(
              result ->
                  dnnl_batch_normalization_backward_primitive_desc_create(
                      result,
                      library.engine(),
                      dnnl_backward,
                      d.pointer(),
                      d.pointer(),
                      d.pointer(),
                      epsilon,
                      AFFINE,
                      forward.handle(),
                      attributes.pointer()),
              forward,
              "dnnl_batch_normalization_backward_primitive_desc_create",
              data,
              epsilon);
      return backward.without(Arg.SHIFT);
    }
  }
}
