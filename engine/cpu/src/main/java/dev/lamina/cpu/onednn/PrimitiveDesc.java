package dev.lamina.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_next_impl;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_query;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_query_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_exec_arg_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_impl_info_str;

import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.javacpp.PointerPointer;

/**
 * A primitive's description, standing on one of the implementations that oneDNN offers for it.
 *
 * <p>oneDNN orders implementations by its own expectation. {@link #advance} walks on, so a caller
 * that measures can try them all; an implementation that has been built before may appear twice on
 * the walk, so positions mean nothing. The reference implementation, a hundred times slower, is
 * where oneDNN ends up silently when a forced layout suits no kernel; {@link #build} refuses it.
 */
public final class PrimitiveDesc implements AutoCloseable {
  private final dnnl_primitive_desc handle;

  /** The forward pass's description, which oneDNN reads again on each step of the walk; or null. */
  private final PrimitiveDesc hint;

  /** An argument that oneDNN describes, but refuses when it is given; or null. */
  private Arg refused;

  /**
   * Whether there is an {@link Arg#ADDEND}: oneDNN must not be asked for it where there is none.
   */
  private boolean adds;

  private boolean closed;

  private PrimitiveDesc(dnnl_primitive_desc handle, PrimitiveDesc hint) {
    this.handle = handle;
    this.hint = hint;
  }

  /** A C call that writes a primitive descriptor through its first argument. */
  @FunctionalInterface
  interface Creation {
    int into(dnnl_primitive_desc result);
  }

  static PrimitiveDesc create(Creation creation, String call, Object... arguments) {
    dnnl_primitive_desc result = new dnnl_primitive_desc();
    Status.check(creation.into(result), call, arguments);
    return new PrimitiveDesc(result, null);
  }

  /** Takes over the hint, on failure too. */
  static PrimitiveDesc create(
      Creation creation, PrimitiveDesc hint, String call, Object... arguments) {
    dnnl_primitive_desc result = new dnnl_primitive_desc();
    int status = creation.into(result);
    if (status != Status.SUCCESS) {
      hint.close();
      Status.check(status, call, arguments);
    }
    return new PrimitiveDesc(result, hint);
  }

  /** The implementation's name, such as {@code jit:avx2} or {@code brgconv:avx2}. */
  public String implementation() {
    try (NativeWord word = new NativeWord()) {
      Status.check(
          dnnl_primitive_desc_query(
              handle, dnnl_query_impl_info_str, 0, new PointerPointer<>(word.pointer())),
          "dnnl_primitive_desc_query",
          "impl_info_str");
      return word.string();
    }
  }

  /** Whether this is oneDNN's plain reference loop. */
  public boolean reference() {
    return implementation().startsWith("ref");
  }

  /** Leaves out an argument that oneDNN describes, but refuses when it is given. */
  PrimitiveDesc without(Arg arg) {
    refused = arg;
    return this;
  }

  /** Says that the first post-op adds a tensor. */
  PrimitiveDesc adding() {
    adds = true;
    return this;
  }

  /** The descriptor of an argument, or null if the primitive does not take it. */
  public MemoryDesc desc(Arg arg) {
    if (arg == refused || arg == Arg.ADDEND && !adds) {
      return null;
    }
    return MemoryDesc.borrowed(
        dnnl_primitive_desc_query_md(handle, dnnl_query_exec_arg_md, arg.code));
  }

  /** Moves to the next implementation; false if this was the last. */
  public boolean advance() {
    int status = dnnl_primitive_desc_next_impl(handle);
    if (status == Status.LAST_IMPLEMENTATION) {
      return false;
    }
    Status.check(status, "dnnl_primitive_desc_next_impl");
    return true;
  }

  /**
   * Compiles the implementation at hand; the caller closes the result.
   *
   * @throws OneDnnException if it is the reference implementation
   */
  public Primitive build() {
    if (reference()) {
      throw new OneDnnException(
          "oneDNN has only its reference loop ("
              + implementation()
              + ") for these layouts: "
              + describe()
              + "; choose other layouts",
          Status.UNIMPLEMENTED);
    }
    return new Primitive(this);
  }

  /** Compiles the implementation at hand, whichever it is; the caller closes the result. */
  public Primitive buildEvenReference() {
    return new Primitive(this);
  }

  dnnl_primitive_desc handle() {
    return handle;
  }

  private String describe() {
    StringBuilder text = new StringBuilder();
    for (Arg arg : Arg.values()) {
      MemoryDesc desc = desc(arg);
      if (desc != null) {
        text.append(text.isEmpty() ? "" : ", ").append(arg).append(' ').append(desc);
      }
    }
    return text.toString();
  }

  /** Frees the description; primitives built from it stay. Idempotent. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      dnnl_primitive_desc_destroy(handle);
      if (hint != null) {
        hint.close();
      }
    }
  }
}
