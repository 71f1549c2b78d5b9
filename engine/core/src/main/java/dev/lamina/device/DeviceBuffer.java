package dev.lamina.device;

import java.nio.ByteBuffer;
import java.util.Optional;

/** A lent run of bytes of an arena. It owns nothing and dies with the arena. */
public interface DeviceBuffer {
  /** Returns the arena that owns the memory. */
  DeviceArena arena();

  /** Returns the name under which it was allocated. */
  String name();

  /** Returns the length in bytes. */
  long bytes();

  /**
   * Lends a part of this buffer.
   *
   * @throws IndexOutOfBoundsException if the part reaches outside
   */
  DeviceBuffer slice(long offset, long bytes);

  /**
   * Lends the bytes to the host where the device computes in host memory (native byte order, at
   * most 2 GiB - 1); empty on devices with memory of their own.
   */
  Optional<ByteBuffer> mapped();
}
