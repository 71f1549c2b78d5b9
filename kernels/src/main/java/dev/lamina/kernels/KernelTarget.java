package dev.lamina.kernels;

import dev.lamina.device.Precision;

/**
 * What of a device decides which kernels it is offered.
 *
 * @param panels whether it is of CPU type: few large work-items on vector registers, not many on
 *     local memory
 * @param computeUnits cores or multiprocessors
 * @param precision which forms images are in; GPUs only have others than {@code f32}
 */
public record KernelTarget(boolean panels, int computeUnits, Precision precision) {
  /** Checks the values. */
  public KernelTarget {
    if (panels && precision != Precision.F32) {
      throw new IllegalArgumentException("kernels for CPU-type devices are f32, not " + precision);
    }
  }

  /** Makes a target of single precision. */
  public KernelTarget(boolean panels, int computeUnits) {
    this(panels, computeUnits, Precision.F32);
  }
}
