package dev.lamina.device;

import java.nio.ByteBuffer;

/** Host memory that the device copies from and to at full speed. */
public interface PinnedBuffer extends AutoCloseable {
  /** Returns the memory as a direct buffer in native byte order; dead after {@link #close()}. */
  ByteBuffer bytes();

  @Override
  void close();
}
