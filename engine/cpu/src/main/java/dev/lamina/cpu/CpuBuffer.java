package dev.lamina.cpu;

import dev.lamina.cpu.onednn.NativeMemory;
import dev.lamina.device.DeviceBuffer;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Optional;

/** A run of bytes of one allocation of a {@link CpuArena}. */
final class CpuBuffer implements DeviceBuffer {
  private final CpuArena arena;
  private final String name;
  private final NativeMemory memory;
  private final long offset;
  private final long bytes;

  CpuBuffer(CpuArena arena, String name, NativeMemory memory, long offset, long bytes) {
    this.arena = arena;
    this.name = name;
    this.memory = memory;
    this.offset = offset;
    this.bytes = bytes;
  }

  /** Returns the buffer as one of this device's, if it is one and open. */
  static CpuBuffer of(CpuDevice device, DeviceBuffer buffer) {
    if (!(buffer instanceof CpuBuffer own) || own.arena.device() != device) {
      throw new IllegalArgumentException("buffer " + buffer + " belongs to another device");
    }
    own.arena.account().checkOpen(own.name);
    return own;
  }

  @Override
  public CpuArena arena() {
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
  public CpuBuffer slice(long start, long length) {
    arena.account().checkSlice(name, start, length, bytes);
    return new CpuBuffer(arena, name, memory, offset + start, length);
  }

  @Override
  public Optional<ByteBuffer> mapped() {
    return Optional.of(view());
  }

  /** Lends all bytes to the host. */
  ByteBuffer view() {
    arena.account().checkOpen(name);
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalStateException(
          "buffer %s/%s: %d bytes are more than one view can show; take slices"
              .formatted(arena.name(), name, bytes));
    }
    return memory.view(offset, bytes);
  }

  FloatBuffer floats() {
    return view().asFloatBuffer();
  }

  IntBuffer ints() {
    return view().asIntBuffer();
  }

  /** The address of the first byte, for native calls; dies with the arena. */
  long address() {
    arena.account().checkOpen(name);
    return memory.address() + offset;
  }

  @Override
  public String toString() {
    return arena.name() + "/" + name + "[" + offset + ", " + (offset + bytes) + ")";
  }
}
