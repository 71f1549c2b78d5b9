package dev.lamina.cuda;

import dev.lamina.cuda.call.Argument.Memory;
import dev.lamina.device.AccountedBuffer;
import dev.lamina.device.DeviceBuffer;

/** A run of bytes of one allocation of a {@link CudaArena}. */
final class CudaBuffer extends AccountedBuffer<CudaArena> {
  private final long allocation;

  /**
   * Makes a buffer.
   *
   * @param allocation address of the allocation's first byte
   */
  CudaBuffer(CudaArena arena, String name, long allocation, long offset, long bytes) {
    super(arena, name, offset, bytes);
    this.allocation = allocation;
  }

  /** Returns the buffer as one of this device's, if it is one and open. */
  static CudaBuffer of(CudaDevice device, DeviceBuffer buffer) {
    if (!(buffer instanceof CudaBuffer own) || own.arena().device() != device) {
      throw new IllegalArgumentException("buffer " + buffer + " belongs to another device");
    }
    own.checkOpen();
    return own;
  }

  @Override
  public CudaBuffer slice(long start, long length) {
    checkSlice(start, length);
    return new CudaBuffer(arena(), name(), allocation, offset() + start, length);
  }

  long address() {
    return allocation + offset();
  }

  Memory memory() {
    return new Memory(address(), bytes());
  }
}
