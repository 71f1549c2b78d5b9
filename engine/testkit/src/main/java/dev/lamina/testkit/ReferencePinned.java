package dev.lamina.testkit;

import dev.lamina.device.PinnedBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Ordinary direct memory that is dead after closing, as pinned memory would be. */
final class ReferencePinned implements PinnedBuffer {
  private final ReferenceDevice device;
  private final String name;
  private final Object leakKey;
  private ByteBuffer memory;

  ReferencePinned(ReferenceDevice device, String name, long bytes) {
    this.device = device;
    this.name = name;
    memory = ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
    leakKey = device.leaks().opened("pinned buffer " + name, bytes);
  }

  @Override
  public ByteBuffer bytes() {
    if (memory == null) {
      throw new IllegalStateException("pinned buffer " + name + " was used after it was closed");
    }
    return memory;
  }

  @Override
  public void close() {
    if (memory != null) {
      device.finish();
      device.leaks().closed(leakKey);
      memory = null;
    }
  }
}
