package dev.lamina.cuda;

import dev.lamina.cuda.call.CallException;
import dev.lamina.cuda.call.Driver;
import dev.lamina.device.AccountedArena;
import java.util.ArrayList;
import java.util.List;

/** Memory of one lifetime on a {@link CudaDevice}. */
final class CudaArena extends AccountedArena<CudaBuffer> {
  private final CudaDevice device;
  private final List<Long> allocations = new ArrayList<>();

  CudaArena(CudaDevice device, String name) {
    super(name, device.turnCheck(), device.memory(), device.leaks());
    this.device = device;
  }

  @Override
  protected CudaBuffer take(String buffer, long bytes) {
    device.enter();
    Driver driver = device.libraries().driver();
    long address;
    try {
      address = driver.allocate(bytes);
    } catch (CallException refusal) {
      throw refusal.outOfMemory()
          ? refused(buffer, bytes, driver.freeBytes())
          : device.failure("allocating " + bytes + " bytes for " + name(), refusal);
    }
    allocations.add(address);
    device.compute().zero(address, bytes);
    return new CudaBuffer(this, buffer, address, 0, bytes);
  }

  @Override
  protected void free() {
    device.finish();
    allocations.forEach(address -> device.closing(() -> device.libraries().driver().free(address)));
  }

  CudaDevice device() {
    return device;
  }
}
