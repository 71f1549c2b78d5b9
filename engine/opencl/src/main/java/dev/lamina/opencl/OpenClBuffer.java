package dev.lamina.opencl;

import dev.lamina.device.AccountedBuffer;
import dev.lamina.device.DeviceBuffer;
import org.jocl.cl_mem;

/**
 * A run of bytes of one allocation of an {@link OpenClArena}. Memory objects may not be mapped
 * while kernels use them, so the host sees copies only.
 */
final class OpenClBuffer extends AccountedBuffer<OpenClArena> {
  private final cl_mem memory;

  OpenClBuffer(OpenClArena arena, String name, cl_mem memory, long offset, long bytes) {
    super(arena, name, offset, bytes);
    this.memory = memory;
  }

  /** Returns the buffer as one of this device's, if it is one and open. */
  static OpenClBuffer of(OpenClDevice device, DeviceBuffer buffer) {
    if (!(buffer instanceof OpenClBuffer own) || own.arena().device() != device) {
      throw new IllegalArgumentException("buffer " + buffer + " belongs to another device");
    }
    own.checkOpen();
    return own;
  }

  @Override
  public OpenClBuffer slice(long start, long length) {
    checkSlice(start, length);
    return new OpenClBuffer(arena(), name(), memory, offset() + start, length);
  }

  cl_mem memory() {
    return memory;
  }
}
