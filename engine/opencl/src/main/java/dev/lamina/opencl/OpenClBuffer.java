package dev.lamina.opencl;

import dev.lamina.device.DeviceBuffer;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jocl.cl_mem;

/** A run of bytes of one allocation of an {@link OpenClArena}. */
final class OpenClBuffer implements DeviceBuffer {
  private final OpenClArena arena;
  private final String name;
  private final cl_mem memory;
  private final long offset;
  private final long bytes;

  OpenClBuffer(OpenClArena arena, String name, cl_mem memory, long offset, long bytes) {
    this.arena = arena;
    this.name = name;
    this.memory = memory;
    this.offset = offset;
    this.bytes = bytes;
  }

  /** Returns the buffer as one of this device's, if it is one and open. */
  static OpenClBuffer of(OpenClDevice device, DeviceBuffer buffer) {
    if (!(buffer instanceof OpenClBuffer own) || own.arena.device() != device) {
      throw new IllegalArgumentException("buffer " + buffer + " belongs to another device");
    }
    own.arena.account().checkOpen(own.name);
    return own;
  }

  @Override
  public OpenClArena arena() {
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
  public OpenClBuffer slice(long start, long length) {
    arena.account().checkSlice(name, start, length, bytes);
    return new OpenClBuffer(arena, name, memory, offset + start, length);
  }

  /** Memory objects may not be mapped while kernels use them, so the host sees copies only. */
  @Override
  public Optional<ByteBuffer> mapped() {
    arena.account().checkOpen(name);
    return Optional.empty();
  }

  cl_mem memory() {
    return memory;
  }

  long offset() {
    return offset;
  }

  @Override
  public String toString() {
    return arena.name() + "/" + name + "[" + offset + ", " + (offset + bytes) + ")";
  }
}
