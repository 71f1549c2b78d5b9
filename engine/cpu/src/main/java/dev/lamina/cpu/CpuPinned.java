package dev.lamina.cpu;

import dev.lamina.cpu.onednn.NativeMemory;
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
    memory = NativeMemory.allocate(bytes);
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
