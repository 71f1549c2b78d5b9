package dev.lamina.cpu.onednn;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.Pointer;

/**
 * One aligned block of native memory, addressed by {@code long}.
 *
 * <p>It is taken straight from the C allocator, outside the limits that JavaCPP derives from the
 * Java heap, so a process with a small heap can own a large slab. The owner closes it; a view or an
 * address used after that is an error of the caller.
 */
public final class NativeMemory implements AutoCloseable {
  /** A cache line: the least alignment of a block. */
  public static final int LINE_BYTES = 64;

  /** Blocks from this size on start on a boundary that lets Linux back them with huge pages. */
  private static final long HUGE_PAGE_BYTES = 2L << 20;

  private final long bytes;
  private final long address;
  private Pointer block;

  private NativeMemory(Pointer block, long address, long bytes) {
    this.block = block;
    this.address = address;
    this.bytes = bytes;
  }

  /**
   * Allocates {@code bytes} zero bytes, aligned to a cache line at least.
   *
   * @throws OutOfMemoryError if the operating system refuses
   */
  public static NativeMemory allocate(long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("native block of " + bytes + " bytes");
    }
    OneDnn.load();
    long alignment = bytes >= HUGE_PAGE_BYTES ? HUGE_PAGE_BYTES : LINE_BYTES;
    Pointer block = Pointer.calloc(1, bytes + alignment);
    if (block == null || block.isNull()) {
      throw new OutOfMemoryError("the C allocator refused " + (bytes + alignment) + " bytes");
    }
    long address = (block.address() + alignment - 1) & -alignment;
    return new NativeMemory(block, address, bytes);
  }

  /** The first byte's address. */
  public long address() {
    return address;
  }

  /** The size asked for. */
  public long bytes() {
    return bytes;
  }

  /**
   * Lends bytes {@code [offset, offset + length)} as a buffer in native byte order.
   *
   * @param length at most {@code Integer.MAX_VALUE}
   */
  public ByteBuffer view(long offset, long length) {
    if (offset < 0 || length < 0 || offset + length > bytes) {
      throw new IndexOutOfBoundsException(
          "bytes " + offset + " to " + (offset + length) + " of a block of " + bytes);
    }
    if (block == null) {
      throw new IllegalStateException("block of " + bytes + " bytes is closed");
    }
    return bufferAt(address + offset, Math.toIntExact(length));
  }

  /** Lends {@code length} bytes at a raw address as a buffer in native byte order. */
  static ByteBuffer bufferAt(long address, int length) {
    return new Pointer(new RawPointer(address, length)).asByteBuffer();
  }

  /** Frees the block; idempotent. */
  @Override
  public void close() {
    if (block != null) {
      Pointer.free(block);
      block = null;
    }
  }
}
