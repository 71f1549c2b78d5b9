package dev.lamina.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_matmul_primitive_desc_create;

/** Matrix product of (m, k) and (k, n), or of batches of such matrices. */
public final class MatMul {
  private MatMul() {}

  /** {@code dst = post(a · b + bias)}; the bias, (1, n), may be null. */
  public static PrimitiveDesc of(
      MemoryDesc a, MemoryDesc b, MemoryDesc bias, MemoryDesc dst, PostOp post) {
    OneDnn library = OneDnn.load();
    try (MemoryDesc.Handle left = a.open();
        MemoryDesc.Handle right = b.open();
        MemoryDesc.Handle add = MemoryDesc.open(bias);
        MemoryDesc.Handle d = dst.open();
        Attributes attributes = Attributes.of(post)) {
      return PrimitiveDesc.create(
          result ->
              dnnl_matmul_primitive_desc_create(
                  result,
                  library.engine(),
                  left.pointer(),
                  right.pointer(),
                  add.pointer(),
                  d.pointer(),
                  attributes.pointer()),
          "dnnl_matmul_primitive_desc_create",
          a,
          b,
          bias,
          dst,
          post);
    }
  }
}
