package dev.lamina.cpu;

import dev.lamina.cpu.onednn.NativeMemory;
import dev.lamina.device.AccountedBuffer;
import dev.lamina.device.DeviceBuffer;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Optional;

/** A run of bytes of one allocation of a {@link CpuArena}. */
final class CpuBuffer extends AccountedBuffer<CpuArena> {
  private final NativeMemory memory;

  CpuBuffer(CpuArena arena, String name, NativeMemory memory, long offset, long bytes) {
    super(arena, name, offset, bytes);
    this.memory = memory;
  }

  /** Returns the buffer as one of this device's, if it is one and open. */
  static CpuBuffer of(CpuDevice device, DeviceBuffer buffer) {
    if (!(buffer instanceof CpuBuffer own) || own.arena().device() != device) {
      throw new IllegalArgumentException("buffer " + buffer + " belongs to another device");
    }
    own.checkOpen();
    return own;
  }

  @Override
  public CpuBuffer slice(long start, long length) {
    checkSlice(start, length);
    return new CpuBuffer(arena(), name(), memory, offset() + start, length);
  }

  @Override
  public Optional<ByteBuffer> mapped() {
    return Optional.of(view());
  }

  /** Lends all bytes to the host. */
  ByteBuffer view() {
    checkOpen();
    if (bytes() > Integer.MAX_VALUE) {
      throw new IllegalStateException(
          "buffer %s/%s: %d bytes are more than one view can show; take slices"
              .formatted(arena().name(), name(), bytes()));
    }
    return memory.view(offset(), bytes());
  }

  FloatBuffer floats() {
    return view().asFloatBuffer();
  }

  IntBuffer ints() {
    return view().asIntBuffer();
  }

  /** The address of the first byte, for native calls; dies with the arena. */
  long address() {
    checkOpen();
    return memory.address() + offset();
  }
}
