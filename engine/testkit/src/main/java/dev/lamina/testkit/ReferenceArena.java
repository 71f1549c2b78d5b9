package dev.lamina.testkit;

import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceOutOfMemoryException;
import java.nio.ByteBuffer;

/** Memory of one lifetime on a {@link ReferenceDevice}. */
final class ReferenceArena implements DeviceArena {
  private final ReferenceDevice device;
  private final String name;
  private final Object leakKey;
  private long bytesInUse;
  private boolean sealed;
  private boolean closed;

  ReferenceArena(ReferenceDevice device, String name) {
    this.device = device;
    this.name = name;
    leakKey = device.leaks().opened("arena " + name, this::bytesInUse);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public ReferenceBuffer allocate(String bufferName, long bytes) {
    device.checkTurn();
    if (sealed || closed) {
      throw new IllegalStateException(
          "arena %s is %s: buffer %s of %d bytes cannot be allocated"
              .formatted(name, closed ? "closed" : "sealed", bufferName, bytes));
    }
    if (bytes < 1) {
      throw new IllegalArgumentException(
          "arena %s: buffer %s of %d bytes".formatted(name, bufferName, bytes));
    }
    if (bytes > device.maxAllocation()) {
      throw new DeviceOutOfMemoryException(
          "arena %s: buffer %s of %d bytes exceeds the largest allocation of %d bytes"
              .formatted(name, bufferName, bytes, device.maxAllocation()));
    }
    device.reserve(name + "/" + bufferName, bytes);
    bytesInUse += bytes;
    // alignedSlice() cuts the end off as well, to a whole number of units
    int unit = device.alignment();
    int capacity = ((int) bytes + unit - 1) / unit * unit + unit;
    ByteBuffer memory = ByteBuffer.allocateDirect(capacity).alignedSlice(unit);
    return new ReferenceBuffer(this, bufferName, memory, 0, (int) bytes);
  }

  @Override
  public long bytesInUse() {
    return bytesInUse;
  }

  @Override
  public void seal() {
    sealed = true;
  }

  @Override
  public void close() {
    if (!closed) {
      device.finish();
      device.leaks().closed(leakKey);
      device.release(this, bytesInUse);
      bytesInUse = 0;
      closed = true;
    }
  }

  ReferenceDevice device() {
    return device;
  }

  boolean isClosed() {
    return closed;
  }
}
