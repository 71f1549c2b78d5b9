package dev.lamina.device;

/**
 * An arena that keeps account of itself, whatever its memory is: name, bytes, sealed or closed. It
 * asks the device's {@link MemoryLimit} and tells its {@link LeakDetector}. Devices extend it with
 * how memory is taken and given back.
 *
 * @param <B> the device's buffers
 */
public abstract class AccountedArena<B extends AccountedBuffer<?>> implements DeviceArena {
  /** What limit and detector know of an arena. */
  static final class Account {
    private final String name;
    private long bytesInUse;

    private Account(String name) {
      this.name = name;
    }

    String name() {
      return name;
    }

    long bytesInUse() {
      return bytesInUse;
    }
  }

  private final Account account;
  private final DeviceTurn turn;
  private final MemoryLimit memory;
  private final LeakDetector leaks;
  private final Object leakKey;
  private boolean sealed;
  private boolean closed;

  /** Opens the account of an arena of the device that has that turn, limit and detector. */
  protected AccountedArena(String name, DeviceTurn turn, MemoryLimit memory, LeakDetector leaks) {
    account = new Account(name);
    this.turn = turn;
    this.memory = memory;
    this.leaks = leaks;
    leakKey = leaks.opened("arena " + name, account::bytesInUse);
    memory.opened(account);
  }

  /**
   * Allocates zeroed memory that the limit allows.
   *
   * @throws DeviceException if the driver refuses; nothing is taken then
   */
  protected abstract B take(String buffer, long bytes);

  /** Waits for work that may use the memory, and frees all of it. Called once. */
  protected abstract void free();

  @Override
  public final String name() {
    return account.name;
  }

  @Override
  public final B allocate(String buffer, long bytes) {
    turn.check();
    if (sealed || closed) {
      throw new IllegalStateException(
          "arena %s is %s: buffer %s of %d bytes cannot be allocated"
              .formatted(name(), closed ? "closed" : "sealed", buffer, bytes));
    }
    if (bytes < 1) {
      throw new IllegalArgumentException(
          "arena %s: buffer %s of %d bytes".formatted(name(), buffer, bytes));
    }
    memory.check(name() + "/" + buffer, bytes);
    B taken = take(buffer, bytes);
    memory.taken(bytes);
    account.bytesInUse += bytes;
    return taken;
  }

  /**
   * Returns what {@link #take} throws where the driver has too little memory.
   *
   * @param free bytes that the driver has left
   */
  protected final DeviceOutOfMemoryException refused(String buffer, long bytes, long free) {
    return memory.refused(name() + "/" + buffer, bytes, free);
  }

  @Override
  public final long bytesInUse() {
    return account.bytesInUse;
  }

  @Override
  public final void seal() {
    sealed = true;
  }

  /**
   * Checks that its memory may still be used.
   *
   * @param user what is about to use it, a buffer or an op
   */
  public final void checkOpen(String user) {
    if (closed) {
      throw new IllegalStateException(
          "buffer %s of arena %s was used after the arena was closed".formatted(user, name()));
    }
  }

  @Override
  public final void close() {
    if (!closed) {
      free();
      closed = true;
      memory.closed(account);
      leaks.closed(leakKey);
      account.bytesInUse = 0;
    }
  }
}
