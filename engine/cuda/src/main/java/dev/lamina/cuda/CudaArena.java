package dev.lamina.cuda;

import dev.lamina.cuda.call.CallException;
import dev.lamina.cuda.call.Driver;
import dev.lamina.device.ArenaAccount;
import dev.lamina.device.DeviceArena;
import java.util.ArrayList;
import java.util.List;

/** Memory of one lifetime on a {@link CudaDevice}. */
final class CudaArena implements DeviceArena {
  private final CudaDevice device;
  private final ArenaAccount account;
  private final List<Long> allocations = new ArrayList<>();

  CudaArena(CudaDevice device, String name) {
    this.device = device;
    account = new ArenaAccount(name, device.memory(), device.leaks());
  }

  @Override
  public String name() {
    return account.name();
  }

  @Override
  public CudaBuffer allocate(String bufferName, long bytes) {
    device.enter();
    account.reserve(bufferName, bytes);
    Driver driver = device.libraries().driver();
    long address;
    try {
      address = driver.allocate(bytes);
    } catch (CallException refusal) {
      if (refusal.outOfMemory()) {
        throw account.refused(bufferName, bytes, driver.freeBytes());
      }
      account.release(bytes);
      throw device.failure("allocating " + bytes + " bytes for " + name(), refusal);
    }
    allocations.add(address);
    device.compute().zero(address, bytes);
    return new CudaBuffer(this, bufferName, address, bytes);
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
      device.finish();
      allocations.forEach(
          address -> device.closing(() -> device.libraries().driver().free(address)));
      account.close();
    }
  }

  CudaDevice device() {
    return device;
  }

  ArenaAccount account() {
    return account;
  }
}
