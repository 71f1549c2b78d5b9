package dev.lamina.opencl;

import dev.lamina.device.DeviceOutOfMemoryException;
import dev.lamina.device.PinnedBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Host memory for copies, ordinary memory: what the driver would pin must be mapped to be written
 * and unmapped to be copied, and the binding starts a thread for each time it is unmapped.
 */
final class OpenClPinned implements PinnedBuffer {
  private final OpenClDevice device;
  private final String name;
  private final Object leakKey;
  private ByteBuffer memory;

  OpenClPinned(OpenClDevice device, String name, long bytes) {
    this.device = device;
    this.name = name;
    if (bytes > Integer.MAX_VALUE) {
      throw new DeviceOutOfMemoryException(
          "%s: pinned buffer %s asks for %d bytes; one buffer holds at most %d"
              .formatted(device.name(), name, bytes, Integer.MAX_VALUE));
    }
    try {
      memory = ByteBuffer.allocateDirect((int) bytes);
    } catch (OutOfMemoryError refused) {
      throw new DeviceOutOfMemoryException(
          "%s: pinned buffer %s asks for %d bytes, but %s; allow more with -XX:MaxDirectMemorySize"
              .formatted(device.name(), name, bytes, refused.getMessage()));
    }
    leakKey = device.leaks().opened("pinned buffer " + name, bytes);
  }

  @Override
  public ByteBuffer bytes() {
    if (memory == null) {
      throw new IllegalStateException("pinned buffer " + name + " was used after it was closed");
    }
    return memory.duplicate().order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    if (memory != null) {
      device.finish();
      memory = null;
      device.leaks().closed(leakKey);
    }
  }
}
