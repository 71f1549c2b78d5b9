package dev.lamina.device;

/**
 * What every arena keeps of itself, whatever its memory is: name, bytes, sealed or closed. It asks
 * the device's {@link MemoryLimit} and tells its {@link LeakDetector}.
 */
public final class ArenaAccount {
  private final String name;
  private final MemoryLimit memory;
  private final LeakDetector leaks;
  private final Object leakKey;
  private long bytesInUse;
  private boolean sealed;
  private boolean closed;

  /** Opens the account of an arena. */
  public ArenaAccount(String name, MemoryLimit memory, LeakDetector leaks) {
    this.name = name;
    this.memory = memory;
    this.leaks = leaks;
    leakKey = leaks.opened("arena " + name, this::bytesInUse);
    memory.opened(this);
  }

  /** Returns the arena's name. */
  public String name() {
    return name;
  }

  /** Returns the bytes allocated so far. */
  public long bytesInUse() {
    return bytesInUse;
  }

  /**
   * Takes the bytes of a buffer, which the arena allocates next.
   *
   * @throws IllegalStateException if the arena is sealed or closed
   * @throws DeviceOutOfMemoryException if they are more than the device may give
   */
  public void reserve(String buffer, long bytes) {
    if (sealed || closed) {
      throw new IllegalStateException(
          "arena %s is %s: buffer %s of %d bytes cannot be allocated"
              .formatted(name, closed ? "closed" : "sealed", buffer, bytes));
    }
    if (bytes < 1) {
      throw new IllegalArgumentException(
          "arena %s: buffer %s of %d bytes".formatted(name, buffer, bytes));
    }
    memory.reserve(name + "/" + buffer, bytes);
    bytesInUse += bytes;
  }

  /** Gives back what was reserved for an allocation that failed. */
  public void release(long bytes) {
    memory.release(bytes);
    bytesInUse -= bytes;
  }

  /**
   * Gives back what was reserved for an allocation that the driver refused, and returns what to
   * throw.
   *
   * @param free bytes that the driver has left
   */
  public DeviceOutOfMemoryException refused(String buffer, long bytes, long free) {
    release(bytes);
    return memory.refused(name + "/" + buffer, bytes, free);
  }

  /** Forbids further allocation. */
  public void seal() {
    sealed = true;
  }

  /** Says whether the arena has been closed. */
  public boolean closed() {
    return closed;
  }

  /** Checks that a buffer may still be used. */
  public void checkOpen(String buffer) {
    if (closed) {
      throw new IllegalStateException(
          "buffer %s of arena %s was used after the arena was closed".formatted(buffer, name));
    }
  }

  /** Checks that a part of a buffer lies inside it. */
  public void checkSlice(String buffer, long start, long length, long bytes) {
    checkOpen(buffer);
    if (start < 0 || length < 0 || start > bytes - length) {
      throw new IndexOutOfBoundsException(
          "buffer %s/%s: bytes %d to %d are outside its %d bytes"
              .formatted(name, buffer, start, start + length, bytes));
    }
  }

  /** Closes the account, all bytes given back. */
  public void close() {
    closed = true;
    memory.closed(this);
    leaks.closed(leakKey);
    bytesInUse = 0;
  }
}
