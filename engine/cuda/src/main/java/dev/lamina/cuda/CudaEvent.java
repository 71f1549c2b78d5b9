package dev.lamina.cuda;

import dev.lamina.cuda.call.Driver;
import dev.lamina.cuda.call.Handle;
import dev.lamina.device.Event;

/**
 * A point in a stream's order. The driver's event goes back to the device as soon as it is known to
 * have passed. Thread-safe: loaders wait for uploads.
 */
final class CudaEvent implements Event {
  private final CudaDevice device;
  private final Driver driver;
  private Handle handle;

  CudaEvent(CudaDevice device, Handle handle) {
    this.device = device;
    this.handle = handle;
    driver = device.libraries().driver();
  }

  @Override
  public void await() {
    Handle awaited = pending();
    if (awaited != null) {
      device.attributed(
          "waiting for an event",
          () -> {
            driver.enter();
            driver.await(awaited);
            return null;
          });
      passed();
    }
  }

  @Override
  public synchronized boolean done() {
    if (handle != null) {
      driver.enter();
      if (device.attributed("asking for an event", () -> driver.passed(handle))) {
        passed();
      }
    }
    return handle == null;
  }

  /** Returns the driver's event, or null where it has passed. */
  synchronized Handle pending() {
    return handle;
  }

  CudaDevice device() {
    return device;
  }

  private synchronized void passed() {
    if (handle != null) {
      device.events().giveBack(handle);
      handle = null;
    }
  }
}
