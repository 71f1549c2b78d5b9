package dev.lamina.device;

/** A prepared op on given buffers, ready to run. */
@FunctionalInterface
public interface Launch {
  /**
   * Puts the work into the stream's order; returns before it is done where the device is
   * asynchronous. Allocates nothing and waits for nothing.
   */
  void enqueue(Stream stream);
}
