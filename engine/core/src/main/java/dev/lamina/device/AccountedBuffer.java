package dev.lamina.device;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A buffer of an {@link AccountedArena}. Devices extend it with where its memory is.
 *
 * @param <A> the device's arenas
 */
public abstract class AccountedBuffer<A extends AccountedArena<?>> implements DeviceBuffer {
  private final A arena;
  private final String name;
  private final long offset;
  private final long bytes;

  /**
   * Makes a buffer.
   *
   * @param offset of its first byte in the allocation it is a part of
   */
  protected AccountedBuffer(A arena, String name, long offset, long bytes) {
    this.arena = arena;
    this.name = name;
    this.offset = offset;
    this.bytes = bytes;
  }

  @Override
  public final A arena() {
    return arena;
  }

  @Override
  public final String name() {
    return name;
  }

  /** Returns where in its allocation it begins, in bytes. */
  public final long offset() {
    return offset;
  }

  @Override
  public final long bytes() {
    return bytes;
  }

  /**
   * Checks that a part lies inside of it.
   *
   * @throws IndexOutOfBoundsException if not
   */
  protected final void checkSlice(long start, long length) {
    checkOpen();
    if (start < 0 || length < 0 || start > bytes - length) {
      throw new IndexOutOfBoundsException(
          "buffer %s/%s: bytes %d to %d are outside its %d bytes"
              .formatted(arena.name(), name, start, start + length, bytes));
    }
  }

  /** Lends nothing: devices that compute in host memory say otherwise. */
  @Override
  public Optional<ByteBuffer> mapped() {
    checkOpen();
    return Optional.empty();
  }

  /**
   * Checks that its memory has not been freed.
   *
   * @throws IllegalStateException if the arena is closed
   */
  public final void checkOpen() {
    arena.checkOpen(name);
  }

  @Override
  public final String toString() {
    return arena.name() + "/" + name + "[" + offset + ", " + (offset + bytes) + ")";
  }
}
