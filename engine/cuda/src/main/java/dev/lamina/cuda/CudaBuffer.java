package dev.lamina.cuda;

import dev.lamina.cuda.call.Argument.Memory;
import dev.lamina.device.DeviceBuffer;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A run of bytes of a {@link CudaArena}. */
final class CudaBuffer implements DeviceBuffer {
  private final CudaArena arena;
  private final String name;
  private final long address;
  private final long bytes;

  CudaBuffer(CudaArena arena, String name, long address, long bytes) {
    this.arena = arena;
    this.name = name;
    this.address = address;
    this.bytes = bytes;
  }

  /** Returns the buffer as one of this device's, if it is one and open. */
  static CudaBuffer of(CudaDevice device, DeviceBuffer buffer) {
    if (!(buffer instanceof CudaBuffer own) || own.arena.device() != device) {
      throw new IllegalArgumentException("buffer " + buffer + " belongs to another device");
    }
    own.arena.account().checkOpen(own.name);
    return own;
  }

  @Override
  public CudaArena arena() {
    return arena;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public CudaBuffer slice(long offset, long length) {
    arena.account().checkSlice(name, offset, length, bytes);
    return new CudaBuffer(arena, name, address + offset, length);
  }

  @Override
  public Optional<ByteBuffer> mapped() {
    arena.account().checkOpen(name);
    return Optional.empty();
  }

  long address() {
    return address;
  }

  Memory memory() {
    return new Memory(address, bytes);
  }

  @Override
  public String toString() {
    return arena.name() + "/" + name + " (" + bytes + " bytes)";
  }
}
