package dev.lamina.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_add;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_binary;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_eltwise;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_sum;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_post_ops;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_scratchpad_mode;
import static org.bytedeco.dnnl.global.dnnl.dnnl_scratchpad_mode_user;

import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive_attr;

/** The attributes of one primitive: the scratchpad is always the caller's. */
final class Attributes implements AutoCloseable {
  private final dnnl_primitive_attr handle = new dnnl_primitive_attr();

  private Attributes() {
    Status.check(dnnl_primitive_attr_create(handle), "dnnl_primitive_attr_create");
    Status.check(
        dnnl_primitive_attr_set_scratchpad_mode(handle, dnnl_scratchpad_mode_user),
        "dnnl_primitive_attr_set_scratchpad_mode");
  }

  static Attributes of(PostOp post) {
    OneDnn.load();
    Attributes attributes = new Attributes();
    if (post != PostOp.NONE) {
      attributes.append(post);
    }
    return attributes;
  }

  /** Those of a primitive that adds a tensor to its result, and rectifies the sum if asked. */
  static Attributes adding(MemoryDesc.Handle addend, boolean relu) {
    OneDnn.load();
    Attributes attributes = new Attributes();
    dnnl_post_ops chain = new dnnl_post_ops();
    Status.check(dnnl_post_ops_create(chain), "dnnl_post_ops_create");
    try {
      Status.check(
          dnnl_post_ops_append_binary(chain, dnnl_binary_add, addend.pointer()),
          "dnnl_post_ops_append_binary",
          "add");
      if (relu) {
        appendRelu(chain);
      }
      attributes.set(chain);
    } finally {
      dnnl_post_ops_destroy(chain);
    }
    return attributes;
  }

  private static void appendRelu(dnnl_post_ops chain) {
    Status.check(
        dnnl_post_ops_append_eltwise(chain, dnnl_eltwise_relu, 0f, 0f),
        "dnnl_post_ops_append_eltwise",
        "relu");
  }

  private void set(dnnl_post_ops chain) {
    Status.check(
        dnnl_primitive_attr_set_post_ops(handle, chain), "dnnl_primitive_attr_set_post_ops");
  }

  private void append(PostOp post) {
    dnnl_post_ops chain = new dnnl_post_ops();
    Status.check(dnnl_post_ops_create(chain), "dnnl_post_ops_create");
    try {
      switch (post) {
        case RELU -> appendRelu(chain);
        case SUM ->
            Status.check(
                dnnl_post_ops_append_sum(chain, 1f, 0, dnnl_f32), "dnnl_post_ops_append_sum");
        case NONE -> throw new AssertionError();
      }
      set(chain);
    } finally {
      dnnl_post_ops_destroy(chain);
    }
  }

  dnnl_primitive_attr pointer() {
    return handle;
  }

  @Override
  public void close() {
    dnnl_primitive_attr_destroy(handle);
  }
}
