package dev.lamina.cuda;

import dev.lamina.cuda.call.Driver;
import dev.lamina.cuda.call.Handle;
import dev.lamina.device.DeviceException;
import dev.lamina.device.PinnedBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Page-locked host memory, which the GPU reads and writes by itself. */
final class CudaPinned implements PinnedBuffer {
  private final CudaDevice device;
  private final String name;
  private final Handle handle;
  private final ByteBuffer bytes;
  private final Object leakKey;
  private boolean closed;

  CudaPinned(CudaDevice device, String name, long bytes) {
    this.device = device;
    this.name = name;
    if (bytes < 1 || bytes > Integer.MAX_VALUE) {
      throw new DeviceException(
          "%s: pinned buffer %s of %d bytes: from 1 to %d can be had"
              .formatted(device.name(), name, bytes, Integer.MAX_VALUE));
    }
    Driver driver = device.libraries().driver();
    handle =
        device.attributed(
            "allocating " + bytes + " bytes of pinned memory for " + name,
            () -> driver.pin((int) bytes));
    this.bytes = driver.bytes(handle, (int) bytes);
    // New memory may hold what another process left.
    for (int i = 0; i < bytes; i++) {
      this.bytes.put(i, (byte) 0);
    }
    leakKey = device.leaks().opened("pinned buffer " + name, bytes);
  }

  @Override
  public ByteBuffer bytes() {
    if (closed) {
      throw new IllegalStateException("pinned buffer " + name + " was used after it was closed");
    }
    return bytes.duplicate().order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      device.finish();
      device.closing(() -> device.libraries().driver().unpin(handle));
      device.leaks().closed(leakKey);
    }
  }
}
