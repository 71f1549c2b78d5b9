package dev.lamina.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_destroy;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_primitive;

/**
 * A compiled primitive; any number of {@link Call}s, on any threads, may share it.
 *
 * <p>It is bound to the OpenMP thread count that its building thread had.
 */
public final class Primitive implements AutoCloseable {
  private final dnnl_primitive handle = new dnnl_primitive();
  private final String implementation;
  private final Map<Arg, MemoryDesc> descs;
  private boolean closed;

  Primitive(PrimitiveDesc desc) {
    implementation = desc.implementation();
    Map<Arg, MemoryDesc> found = new EnumMap<>(Arg.class);
    for (Arg arg : Arg.values()) {
      MemoryDesc argument = desc.desc(arg);
      if (argument != null) {
        found.put(arg, argument);
      }
    }
    descs = Collections.unmodifiableMap(found);
    Status.check(
        dnnl_primitive_create(handle, desc.handle()), "dnnl_primitive_create", implementation);
  }

  /** The implementation's name, such as {@code jit:avx2}. */
  public String implementation() {
    return implementation;
  }

  /** What the primitive reads and writes, the scratchpad included. */
  public Map<Arg, MemoryDesc> descs() {
    return descs;
  }

  /** Bytes of scratch memory that a call needs; calls that never overlap may share them. */
  public long scratchpadBytes() {
    MemoryDesc desc = descs.get(Arg.SCRATCHPAD);
    return desc == null ? 0 : desc.bytes();
  }

  /**
   * Prepares a call on fixed addresses.
   *
   * @param addresses one address for each entry of {@link #descs}, the scratchpad included
   */
  public Call bind(Map<Arg, Long> addresses) {
    return new Call(this, addresses);
  }

  dnnl_primitive handle() {
    if (closed) {
      throw new IllegalStateException("primitive " + implementation + " is closed");
    }
    return handle;
  }

  /** Frees the primitive; its calls must be closed first. Idempotent. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      dnnl_primitive_destroy(handle);
    }
  }
}
