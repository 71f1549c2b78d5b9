package dev.lamina.bench.ops;

import dev.lamina.device.DeviceInfo;
import java.util.List;
import java.util.Map;

/**
 * All that a run has found.
 *
 * @param device what was measured
 * @param against the other device; null if there is none
 * @param batch rows of a model's batch
 * @param results by case
 */
record Report(Place device, Place against, int batch, List<Result> results) {
  /**
   * A device and what it reaches.
   *
   * @param name as users type it
   * @param description the hardware
   * @param computeUnits cores or multiprocessors
   * @param libraries names and versions
   * @param peak what shares refer to
   */
  record Place(
      String name, String description, int computeUnits, Map<String, String> libraries, Peak peak) {
    static Place of(DeviceInfo info, Peak peak) {
      return new Place(
          info.name(), info.description(), info.computeUnits(), info.libraries(), peak);
    }
  }
}
