package dev.lamina.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_execute;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.javacpp.Pointer;

/**
 * A primitive with its arguments laid out ready: running it allocates nothing.
 *
 * <p>It neither owns nor guards the addresses it was bound to. One call object may run on any
 * thread, but not on two at once.
 */
public final class Call implements AutoCloseable {
  private final dnnl_primitive primitive;
  private final dnnl_stream stream;
  private final String implementation;
  private final List<dnnl_memory> memories = new ArrayList<>();
  private final dnnl_exec_arg_t arguments;
  private final int count;
  private Pointer block;

  Call(Primitive owner, Map<Arg, Long> addresses) {
    if (!owner.descs().keySet().equals(addresses.keySet())) {
      throw new IllegalArgumentException(
          owner.implementation()
              + " takes "
              + owner.descs().keySet()
              + " but was given "
              + new TreeSet<>(addresses.keySet()));
    }
    OneDnn library = OneDnn.load();
    primitive = owner.handle();
    stream = library.stream();
    implementation = owner.implementation();
    count = addresses.size();
    // struct { int arg; dnnl_memory_t memory; }: two words each.
    block = Pointer.calloc(Math.max(1, count), 2L * Long.BYTES);
    arguments = new dnnl_exec_arg_t(block);
    try {
      int i = 0;
      for (Map.Entry<Arg, MemoryDesc> entry : owner.descs().entrySet()) {
        dnnl_memory memory = new dnnl_memory();
        long address = addresses.get(entry.getKey());
        try (MemoryDesc.Handle desc = entry.getValue().open()) {
          Status.check(
              dnnl_memory_create(memory, desc.pointer(), library.engine(), new RawPointer(address)),
              "dnnl_memory_create",
              entry.getValue());
        }
        memories.add(memory);
        arguments.position(i++).arg(entry.getKey().code).memory(memory);
      }
      arguments.position(0);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Runs the primitive on the calling thread and returns when its results are written. */
  public void run() {
    int status = dnnl_primitive_execute(primitive, stream, count, arguments);
    if (status != Status.SUCCESS) {
      Status.check(status, "dnnl_primitive_execute", implementation);
    }
  }

  /** Frees the argument array; idempotent. */
  @Override
  public void close() {
    if (block != null) {
      memories.forEach(memory -> dnnl_memory_destroy(memory));
      Pointer.free(block);
      block = null;
    }
  }
}
