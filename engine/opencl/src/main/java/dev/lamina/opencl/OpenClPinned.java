package dev.lamina.opencl;

import dev.lamina.device.PinnedBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jocl.CL;
import org.jocl.cl_mem;

/** Host memory that the driver made and so copies at full speed. */
final class OpenClPinned implements PinnedBuffer {
  private final OpenClDevice device;
  private final String name;
  private final cl_mem memory;
  private final ByteBuffer mapped;
  private final Object leakKey;
  private boolean closed;

  OpenClPinned(OpenClDevice device, String name, long bytes) {
    this.device = device;
    this.name = name;
    String what = "allocating " + bytes + " bytes of pinned memory for " + name;
    memory =
        Failures.wrap(
            device.name(),
            what,
            () ->
                CL.clCreateBuffer(
                    device.context(),
                    CL.CL_MEM_READ_WRITE | CL.CL_MEM_ALLOC_HOST_PTR,
                    bytes,
                    null,
                    null));
    mapped =
        Failures.wrap(
            device.name(),
            what,
            () ->
                CL.clEnqueueMapBuffer(
                    device.compute().queue(),
                    memory,
                    true,
                    CL.CL_MAP_READ | CL.CL_MAP_WRITE,
                    0,
                    bytes,
                    0,
                    null,
                    null,
                    null));
    // New memory may hold what another process left.
    for (int i = 0; i < mapped.capacity(); i++) {
      mapped.put(i, (byte) 0);
    }
    leakKey = device.leaks().opened("pinned buffer " + name, bytes);
  }

  @Override
  public ByteBuffer bytes() {
    if (closed) {
      throw new IllegalStateException("pinned buffer " + name + " was used after it was closed");
    }
    return mapped.duplicate().order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      device.finish();
      CL.clEnqueueUnmapMemObject(device.compute().queue(), memory, mapped, 0, null, null);
      device.finish();
      CL.clReleaseMemObject(memory);
      device.leaks().closed(leakKey);
    }
  }
}
