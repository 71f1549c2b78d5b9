package dev.lamina.device;

import java.util.Objects;

/**
 * How a device is opened.
 *
 * @param threads host threads a CPU-type device may use; 0 means all cores
 * @param memoryLimit bytes that all arenas together may take; 0 means no limit but the device's
 * @param precision arithmetic of all that runs on it
 */
public record DeviceOptions(int threads, long memoryLimit, Precision precision) {
  /** Checks the values. */
  public DeviceOptions {
    Objects.requireNonNull(precision, "precision");
    if (threads < 0 || memoryLimit < 0) {
      throw new IllegalArgumentException(
          "threads (" + threads + ") and memory limit (" + memoryLimit + ") must not be negative");
    }
  }

  /** Returns all cores, no limit, single precision. */
  public static DeviceOptions defaults() {
    return new DeviceOptions(0, 0, Precision.F32);
  }

  /** Returns these options with another number of threads. */
  public DeviceOptions withThreads(int threads) {
    return new DeviceOptions(threads, memoryLimit, precision);
  }

  /** Returns these options with another memory limit. */
  public DeviceOptions withMemoryLimit(long memoryLimit) {
    return new DeviceOptions(threads, memoryLimit, precision);
  }

  /** Returns these options with another precision. */
  public DeviceOptions withPrecision(Precision precision) {
    return new DeviceOptions(threads, memoryLimit, precision);
  }
}
