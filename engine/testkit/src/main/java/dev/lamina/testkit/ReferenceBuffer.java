package dev.lamina.testkit;

import dev.lamina.device.AccountedBuffer;
import dev.lamina.device.Layout;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/** A run of bytes of one allocation of a {@link ReferenceArena}. */
final class ReferenceBuffer extends AccountedBuffer<ReferenceArena> {
  private final ByteBuffer allocation;

  ReferenceBuffer(
      ReferenceArena arena, String name, ByteBuffer allocation, long offset, long bytes) {
    super(arena, name, offset, bytes);
    this.allocation = allocation;
  }

  @Override
  public ReferenceBuffer slice(long start, long length) {
    checkSlice(start, length);
    return new ReferenceBuffer(arena(), name(), allocation, offset() + start, length);
  }

  @Override
  public Optional<ByteBuffer> mapped() {
    checkOpen();
    return arena().device().options().asynchronous() ? Optional.empty() : Optional.of(memory());
  }

  /** Returns the bytes, whether the host may see them or not. */
  ByteBuffer memory() {
    checkOpen();
    return allocation.slice((int) offset(), (int) bytes()).order(ByteOrder.nativeOrder());
  }

  HostTensor read(TensorSpec spec, Layout layout) {
    return ReferenceLayouts.read(spec, layout, memory());
  }

  void write(HostTensor tensor, Layout layout) {
    ReferenceLayouts.write(tensor, layout, memory());
  }

  boolean overlaps(ReferenceBuffer other) {
    return allocation == other.allocation
        && offset() < other.offset() + other.bytes()
        && other.offset() < offset() + bytes();
  }
}
