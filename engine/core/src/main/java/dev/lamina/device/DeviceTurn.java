package dev.lamina.device;

import java.util.concurrent.locks.ReentrantLock;

/** The turn of one device, and the checks of who uses it and when. Devices make one of these. */
public final class DeviceTurn {
  private final String device;
  private final ReentrantLock lock = new ReentrantLock(true);
  private volatile boolean closed;

  /** Makes the turn of a device of that name. */
  public DeviceTurn(String device) {
    this.device = device;
  }

  /** Returns the lock, which is fair: what {@link Device#turn()} gives. */
  public ReentrantLock lock() {
    return lock;
  }

  /**
   * Checks that the device is open and that nobody else has the turn.
   *
   * @throws IllegalStateException if not
   */
  public void check() {
    checkOpen();
    checkNobodyElse();
  }

  /** Checks that the device is open. */
  public void checkOpen() {
    if (closed) {
      throw new IllegalStateException("device " + device + " was used after it was closed");
    }
  }

  /** Checks that nobody else has the turn, whether the device is open or not. */
  public void checkNobodyElse() {
    if (lock.isLocked() && !lock.isHeldByCurrentThread()) {
      throw new IllegalStateException(
          "thread %s uses device %s while another has the turn: lock turn() first"
              .formatted(Thread.currentThread().getName(), device));
    }
  }

  /** Says whether the device has been closed. */
  public boolean closed() {
    return closed;
  }

  /** Marks the device closed. */
  public void close() {
    closed = true;
  }
}
