package dev.lamina.testkit;

import dev.lamina.device.AccountedArena;
import java.nio.ByteBuffer;

/** Memory of one lifetime on a {@link ReferenceDevice}. */
final class ReferenceArena extends AccountedArena<ReferenceBuffer> {
  private final ReferenceDevice device;

  ReferenceArena(ReferenceDevice device, String name) {
    super(name, device.turnCheck(), device.memory(), device.leaks());
    this.device = device;
  }

  @Override
  protected ReferenceBuffer take(String buffer, long bytes) {
    device.countAllocation();
    // alignedSlice() cuts the end off as well, to a whole number of units
    int unit = device.alignment();
    int capacity = ((int) bytes + unit - 1) / unit * unit + unit;
    ByteBuffer memory = ByteBuffer.allocateDirect(capacity).alignedSlice(unit);
    return new ReferenceBuffer(this, buffer, memory, 0, bytes);
  }

  @Override
  protected void free() {
    device.finish();
  }

  ReferenceDevice device() {
    return device;
  }
}
