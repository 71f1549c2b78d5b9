package dev.lamina.opencl;

import dev.lamina.device.AccountedArena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_mem;

/** Memory of one lifetime on an {@link OpenClDevice}. */
final class OpenClArena extends AccountedArena<OpenClBuffer> {
  /** A run of an allocation that a kernel was given. */
  private record Part(cl_mem memory, long offset, long bytes) {}

  private final OpenClDevice device;
  private final List<cl_mem> allocations = new ArrayList<>();
  private final Map<Part, cl_mem> parts = new HashMap<>();

  OpenClArena(OpenClDevice device, String name) {
    super(name, device.turnCheck(), device.memory(), device.leaks());
    this.device = device;
  }

  @Override
  protected OpenClBuffer take(String buffer, long bytes) {
    try {
      cl_mem memory = device.buffers().allocate(device, bytes);
      allocations.add(memory);
      return new OpenClBuffer(this, buffer, memory, 0, bytes);
    } catch (CLException refused) {
      String what = "allocating " + bytes + " bytes for " + name() + "/" + buffer;
      throw Failures.of(device.name(), what, refused);
    }
  }

  /** Returns a run as kernels take it; it lives as long as the arena. */
  cl_mem part(OpenClBuffer buffer) {
    buffer.checkOpen();
    return parts.computeIfAbsent(
        new Part(buffer.memory(), buffer.offset(), buffer.bytes()),
        part ->
            Failures.wrap(
                device.name(),
                "lending " + buffer + " to a kernel",
                () -> device.buffers().part(device, part.memory, part.offset, part.bytes)));
  }

  @Override
  protected void free() {
    device.finish();
    // Parts first: they are runs of the allocations.
    parts.values().forEach(this::release);
    allocations.forEach(this::release);
  }

  private void release(cl_mem memory) {
    Failures.release(device.name(), "arena " + name(), () -> CL.clReleaseMemObject(memory));
  }

  OpenClDevice device() {
    return device;
  }
}
