package dev.lamina.device;

/**
 * Owns device memory of one lifetime, named after it: {@code model}, {@code plan}, {@code batches}.
 * Closing it waits for work that may use the memory, frees everything, and makes all its buffers
 * fail with {@link IllegalStateException}; closing twice is harmless.
 */
public interface DeviceArena extends AutoCloseable {
  /** Returns the name given at creation. */
  String name();

  /**
   * Allocates zeroed memory, aligned as the device likes it.
   *
   * @throws DeviceOutOfMemoryException if device or memory limit have too little left
   * @throws IllegalStateException if the arena is sealed or closed
   */
  DeviceBuffer allocate(String name, long bytes);

  /** Returns the bytes allocated so far. */
  long bytesInUse();

  /** Forbids further allocation: a steady step allocates nothing. */
  void seal();

  @Override
  void close();
}
