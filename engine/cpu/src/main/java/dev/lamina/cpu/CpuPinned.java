package dev.lamina.cpu;

import dev.lamina.cpu.onednn.NativeMemory;
import dev.lamina.device.DeviceOutOfMemoryException;
import dev.lamina.device.PinnedBuffer;
import java.nio.ByteBuffer;

/** Host memory for copies; on this device all memory is as good. */
final class CpuPinned implements PinnedBuffer {
  private final CpuDevice device;
  private final String name;
  private final NativeMemory memory;
  private final Object leakKey;
  private boolean closed;

  CpuPinned(CpuDevice device, String name, long bytes) {
    this.device = device;
    this.name = name;
    try {
      memory = NativeMemory.allocate(bytes);
    } catch (OutOfMemoryError refused) {
      throw new DeviceOutOfMemoryException(
          "cpu: pinned buffer %s asks for %d bytes, but %s"
              .formatted(name, bytes, refused.getMessage()));
    }
    leakKey = device.leaks().opened("pinned buffer " + name, bytes);
  }

  @Override
  public ByteBuffer bytes() {
    if (closed) {
      throw new IllegalStateException("pinned buffer " + name + " was used after it was closed");
    }
    return memory.view(0, memory.bytes());
  }

  @Override
  public void close() {
    if (!closed) {
      device.turnCheck().checkNobodyElse();
      closed = true;
      memory.close();
      device.leaks().closed(leakKey);
    }
  }
}
