package dev.lamina.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_add;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_primitive_desc_create;

/** Sum of two tensors of one shape and layout. */
public final class Addition {
  private Addition() {}

  /** {@link Arg#DST} = {@link Arg#SRC} + {@link Arg#SRC_1}. */
  public static PrimitiveDesc of(MemoryDesc data) {
    OneDnn library = OneDnn.load();
    try (MemoryDesc.Handle d = data.open();
        Attributes attributes = Attributes.of(PostOp.NONE)) {
      return PrimitiveDesc.create(
          result ->
              dnnl_binary_primitive_desc_create(
                  result,
                  library.engine(),
                  dnnl_binary_add,
                  d.pointer(),
                  d.pointer(),
                  d.pointer(),
                  attributes.pointer()),
          "dnnl_binary_primitive_desc_create",
          "add",
          data);
    }
  }
}
