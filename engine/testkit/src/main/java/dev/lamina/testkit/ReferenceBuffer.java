package dev.lamina.testkit;

import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Layout;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/** A run of bytes of one allocation of a {@link ReferenceArena}. */
final class ReferenceBuffer implements DeviceBuffer {
  private final ReferenceArena arena;
  private final String name;
  private final ByteBuffer allocation;
  private final int offset;
  private final int bytes;

  ReferenceBuffer(ReferenceArena arena, String name, ByteBuffer allocation, int offset, int bytes) {
    this.arena = arena;
    this.name = name;
    this.allocation = allocation;
    this.offset = offset;
    this.bytes = bytes;
  }

  @Override
  public ReferenceArena arena() {
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
  public ReferenceBuffer slice(long start, long length) {
    arena.account().checkSlice(name, start, length, bytes);
    return new ReferenceBuffer(arena, name, allocation, offset + (int) start, (int) length);
  }

  @Override
  public Optional<ByteBuffer> mapped() {
    checkOpen();
    return arena.device().options().asynchronous() ? Optional.empty() : Optional.of(memory());
  }

  /** Returns the bytes, whether the host may see them or not. */
  ByteBuffer memory() {
    checkOpen();
    return allocation.slice(offset, bytes).order(ByteOrder.nativeOrder());
  }

  HostTensor read(TensorSpec spec, Layout layout) {
    return ReferenceLayouts.read(spec, layout, memory());
  }

  void write(HostTensor tensor, Layout layout) {
    ReferenceLayouts.write(tensor, layout, memory());
  }

  int offset() {
    return offset;
  }

  boolean overlaps(ReferenceBuffer other) {
    return allocation == other.allocation
        && offset < other.offset + other.bytes
        && other.offset < offset + bytes;
  }

  void checkOpen() {
    arena.account().checkOpen(name);
  }

  @Override
  public String toString() {
    return arena.name() + "/" + name + "[" + offset + ", " + (offset + bytes) + ")";
  }
}
