package dev.lamina.cpu;

import dev.lamina.cpu.onednn.NativeMemory;
import dev.lamina.device.ArenaAccount;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceOutOfMemoryException;
import java.util.ArrayList;
import java.util.List;

/** Memory of one lifetime on a {@link CpuDevice}. */
final class CpuArena implements DeviceArena {
  private final CpuDevice device;
  private final ArenaAccount account;
  private final List<NativeMemory> allocations = new ArrayList<>();

  CpuArena(CpuDevice device, String name) {
    this.device = device;
    account = new ArenaAccount(name, device.memory(), device.leaks());
  }

  @Override
  public String name() {
    return account.name();
  }

  @Override
  public CpuBuffer allocate(String bufferName, long bytes) {
    device.turnCheck().check();
    account.reserve(bufferName, bytes);
    NativeMemory memory;
    try {
      memory = NativeMemory.allocate(bytes);
    } catch (OutOfMemoryError refused) {
      account.release(bytes);
      throw new DeviceOutOfMemoryException(
          "cpu: %s asks for %d bytes, but %s"
              .formatted(name() + "/" + bufferName, bytes, refused.getMessage()));
    }
    allocations.add(memory);
    return new CpuBuffer(this, bufferName, memory, 0, bytes);
  }

  @Override
  public long bytesInUse() {
    return account.bytesInUse();
  }

  @Override
  public void seal() {
    account.seal();
  }

  @Override
  public void close() {
    if (!account.closed()) {
      device.turnCheck().checkNobodyElse();
      account.close();
      allocations.forEach(NativeMemory::close);
    }
  }

  CpuDevice device() {
    return device;
  }

  ArenaAccount account() {
    return account;
  }
}
