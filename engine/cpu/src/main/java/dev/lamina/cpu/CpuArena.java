package dev.lamina.cpu;

import dev.lamina.cpu.onednn.NativeMemory;
import dev.lamina.device.AccountedArena;
import dev.lamina.device.DeviceOutOfMemoryException;
import java.util.ArrayList;
import java.util.List;

/** Memory of one lifetime on a {@link CpuDevice}. */
final class CpuArena extends AccountedArena<CpuBuffer> {
  private final CpuDevice device;
  private final List<NativeMemory> allocations = new ArrayList<>();

  CpuArena(CpuDevice device, String name) {
    super(name, device.turnCheck(), device.memory(), device.leaks());
    this.device = device;
  }

  @Override
  protected CpuBuffer take(String buffer, long bytes) {
    try {
      NativeMemory memory = NativeMemory.allocate(bytes);
      allocations.add(memory);
      return new CpuBuffer(this, buffer, memory, 0, bytes);
    } catch (OutOfMemoryError refused) {
      throw new DeviceOutOfMemoryException(
          "cpu: %s asks for %d bytes, but %s"
              .formatted(name() + "/" + buffer, bytes, refused.getMessage()));
    }
  }

  @Override
  protected void free() {
    device.turnCheck().checkNobodyElse();
    allocations.forEach(NativeMemory::close);
  }

  CpuDevice device() {
    return device;
  }
}
