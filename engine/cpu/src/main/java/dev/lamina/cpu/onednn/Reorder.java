package dev.lamina.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_reorder_primitive_desc_create;

/** Copies a tensor from one physical layout to another. */
public final class Reorder {
  private Reorder() {}

  /** From {@link Arg#SRC} to {@link Arg#DST}; both have the same logical shape. */
  public static PrimitiveDesc of(MemoryDesc src, MemoryDesc dst) {
    OneDnn library = OneDnn.load();
    try (MemoryDesc.Handle s = src.open();
        MemoryDesc.Handle d = dst.open();
        Attributes attributes = Attributes.of(PostOp.NONE)) {
      return PrimitiveDesc.create(
          result ->
              dnnl_reorder_primitive_desc_create(
                  result,
                  s.pointer(),
                  library.engine(),
                  d.pointer(),
                  library.engine(),
                  attributes.pointer()),
          "dnnl_reorder_primitive_desc_create",
          src,
          dst);
    }
  }
}
