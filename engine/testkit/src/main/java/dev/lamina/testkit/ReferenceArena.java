package dev.lamina.testkit;

import dev.lamina.device.ArenaAccount;
import dev.lamina.device.DeviceArena;
import java.nio.ByteBuffer;

/** Memory of one lifetime on a {@link ReferenceDevice}. */
final class ReferenceArena implements DeviceArena {
  private final ReferenceDevice device;
  private final ArenaAccount account;

  ReferenceArena(ReferenceDevice device, String name) {
    this.device = device;
    account = new ArenaAccount(name, device.memory(), device.leaks());
  }

  @Override
  public String name() {
    return account.name();
  }

  @Override
  public ReferenceBuffer allocate(String bufferName, long bytes) {
    device.checkTurn();
    account.reserve(bufferName, bytes);
    device.countAllocation();
    // alignedSlice() cuts the end off as well, to a whole number of units
    int unit = device.alignment();
    int capacity = ((int) bytes + unit - 1) / unit * unit + unit;
    ByteBuffer memory = ByteBuffer.allocateDirect(capacity).alignedSlice(unit);
    return new ReferenceBuffer(this, bufferName, memory, 0, (int) bytes);
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
      account.close();
    }
  }

  ReferenceDevice device() {
    return device;
  }

  ArenaAccount account() {
    return account;
  }
}
