package dev.lamina.kernels;

import dev.lamina.device.Precision;
import java.util.HashMap;
import java.util.Map;

/**
 * What of a device decides which kernels it is offered.
 *
 * @param panels whether it is of CPU type: few large work-items on vector registers, not many on
 *     local memory
 * @param computeUnits cores or multiprocessors
 * @param precision which forms images are in; GPUs only have others than {@code f32}
 * @param defaults what parameters are where nobody tuned
 * @param chosen parameters of one way, whose name tells those that are not usual
 */
public record KernelTarget(
    boolean panels,
    int computeUnits,
    Precision precision,
    Defaults defaults,
    Map<String, Integer> chosen) {
  /** Checks the values and copies the map. */
  public KernelTarget {
    if (panels && precision != Precision.F32) {
      throw new IllegalArgumentException("kernels for CPU-type devices are f32, not " + precision);
    }
    chosen = Map.copyOf(chosen);
  }

  /** Makes a target whose parameters are the usual ones of a device. */
  public KernelTarget(boolean panels, int computeUnits, Precision precision, Defaults defaults) {
    this(panels, computeUnits, precision, defaults, Map.of());
  }

  /** Makes a target whose parameters are the usual ones of its kind. */
  public KernelTarget(boolean panels, int computeUnits, Precision precision) {
    this(panels, computeUnits, precision, Defaults.of(panels, ""));
  }

  /** Makes a target of single precision. */
  public KernelTarget(boolean panels, int computeUnits) {
    this(panels, computeUnits, Precision.F32);
  }

  /** Returns this target with these parameters chosen, and no others. */
  KernelTarget choosing(Map<String, Integer> parameters) {
    return new KernelTarget(panels, computeUnits, precision, defaults, parameters);
  }

  /** Returns this target with one parameter chosen, and what is chosen already. */
  KernelTarget choosing(String name, int value) {
    Map<String, Integer> more = new HashMap<>(chosen);
    more.put(name, value);
    return choosing(more);
  }
}
