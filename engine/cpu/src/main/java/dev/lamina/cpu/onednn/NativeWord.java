package dev.lamina.cpu.onednn;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.SizeTPointer;

/** Eight bytes of native memory for an out parameter, outside JavaCPP's tracked allocations. */
final class NativeWord implements AutoCloseable {
  private final Pointer block;
  private final ByteBuffer value;

  NativeWord() {
    block = Pointer.calloc(1, Long.BYTES);
    if (block == null || block.isNull()) {
      throw new OutOfMemoryError("the C allocator refused " + Long.BYTES + " bytes");
    }
    value = NativeMemory.bufferAt(block.address(), Long.BYTES);
  }

  Pointer pointer() {
    return block;
  }

  SizeTPointer asSize() {
    return new SizeTPointer(block);
  }

  int int32() {
    return value.getInt(0);
  }

  long int64() {
    return value.getLong(0);
  }

  /** The C string that this word points to. */
  String string() {
    long address = int64();
    int length = 0;
    while (NativeMemory.bufferAt(address + length, 1).get(0) != 0) {
      length++;
    }
    byte[] text = new byte[length];
    NativeMemory.bufferAt(address, length).get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    Pointer.free(block);
  }
}
