package dev.lamina.cpu;

import dev.lamina.cpu.onednn.NativeMemory;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceOutOfMemoryException;
import java.util.ArrayList;
import java.util.List;

/** Memory of one lifetime on a {@link CpuDevice}. */
final class CpuArena implements DeviceArena {
  private final CpuDevice device;
  private final String name;
  private final Object leakKey;
  private final List<NativeMemory> allocations = new ArrayList<>();
  private long bytesInUse;
  private boolean sealed;
  private boolean closed;

  CpuArena(CpuDevice device, String name) {
    this.device = device;
    this.name = name;
    leakKey = device.leaks().opened("arena " + name, this::bytesInUse);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public CpuBuffer allocate(String bufferName, long bytes) {
    device.checkOpen();
    if (sealed || closed) {
      throw new IllegalStateException(
          "arena %s is %s: buffer %s of %d bytes cannot be allocated"
              .formatted(name, closed ? "closed" : "sealed", bufferName, bytes));
    }
    if (bytes < 1) {
      throw new IllegalArgumentException(
          "arena %s: buffer %s of %d bytes".formatted(name, bufferName, bytes));
    }
    String what = name + "/" + bufferName;
    device.reserve(what, bytes);
    NativeMemory memory;
    try {
      memory = NativeMemory.allocate(bytes);
    } catch (OutOfMemoryError refused) {
      device.release(bytes);
      throw new DeviceOutOfMemoryException(
          "cpu: %s asks for %d bytes, but %s".formatted(what, bytes, refused.getMessage()));
    }
    bytesInUse += bytes;
    allocations.add(memory);
    return new CpuBuffer(this, bufferName, memory, 0, bytes);
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
      closed = true;
      allocations.forEach(NativeMemory::close);
      device.release(bytesInUse);
      device.closed(this);
      device.leaks().closed(leakKey);
      bytesInUse = 0;
    }
  }

  CpuDevice device() {
    return device;
  }

  void checkOpen(String buffer) {
    if (closed) {
      throw new IllegalStateException(
          "buffer %s of arena %s was used after the arena was closed".formatted(buffer, name));
    }
  }
}
