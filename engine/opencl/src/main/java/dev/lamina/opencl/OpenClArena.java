package dev.lamina.opencl;

import dev.lamina.device.ArenaAccount;
import dev.lamina.device.DeviceArena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_mem;

/** Memory of one lifetime on an {@link OpenClDevice}. */
final class OpenClArena implements DeviceArena {
  /** A run of an allocation that a kernel was given. */
  private record Part(cl_mem memory, long offset, long bytes) {}

  private final OpenClDevice device;
  private final ArenaAccount account;
  private final List<cl_mem> allocations = new ArrayList<>();
  private final Map<Part, cl_mem> parts = new HashMap<>();

  OpenClArena(OpenClDevice device, String name) {
    this.device = device;
    account = new ArenaAccount(name, device.memory(), device.leaks());
  }

  @Override
  public String name() {
    return account.name();
  }

  @Override
  public OpenClBuffer allocate(String bufferName, long bytes) {
    device.turnCheck().check();
    account.reserve(bufferName, bytes);
    cl_mem memory;
    try {
      memory = device.buffers().allocate(device, bytes);
      allocations.add(memory);
    } catch (CLException refused) {
      account.release(bytes);
      String what = "allocating " + bytes + " bytes for " + name() + "/" + bufferName;
      throw Failures.of(device.name(), what, refused);
    }
    return new OpenClBuffer(this, bufferName, memory, 0, bytes);
  }

  /** Returns a run as kernels take it; it lives as long as the arena. */
  cl_mem part(OpenClBuffer buffer) {
    account.checkOpen(buffer.name());
    return parts.computeIfAbsent(
        new Part(buffer.memory(), buffer.offset(), buffer.bytes()),
        part ->
            Failures.wrap(
                device.name(),
                "lending " + buffer + " to a kernel",
                () -> device.buffers().part(device, part.memory, part.offset, part.bytes)));
  }

  @Override
  public long bytesInUse() {
    return account.bytesInUse();
  }

  @Override
  public void seal() {
    account.seal();
  }

  @Override
  public void close() {
    if (!account.closed()) {
      device.finish();
      parts.values().forEach(CL::clReleaseMemObject);
      allocations.forEach(CL::clReleaseMemObject);
      account.close();
    }
  }

  OpenClDevice device() {
    return device;
  }

  ArenaAccount account() {
    return account;
  }
}
