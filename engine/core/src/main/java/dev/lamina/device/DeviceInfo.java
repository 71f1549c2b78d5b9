package dev.lamina.device;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is known of a device before it is opened.
 *
 * @param name what users type: {@code cpu}, {@code cuda:0}, {@code opencl:1}
 * @param kind what sort of hardware it is
 * @param description vendor's name of the hardware
 * @param computeUnits cores or multiprocessors
 * @param memoryBytes memory the device can use
 * @param libraries name and version of what runs on it, drivers included
 */
public record DeviceInfo(
    String name,
    Kind kind,
    String description,
    int computeUnits,
    long memoryBytes,
    Map<String, String> libraries) {

  /** Sorts of hardware. */
  public enum Kind {
    /** Runs on the host's cores. */
    CPU,
    /** Shares the host's memory. */
    INTEGRATED_GPU,
    /** Has memory of its own. */
    DISCRETE_GPU,
    /** Neither a GPU nor the host's cores. */
    ACCELERATOR
  }

  /** Copies the map, keeping its order. */
  public DeviceInfo {
    libraries = Collections.unmodifiableMap(new LinkedHashMap<>(libraries));
  }

  /** Returns hardware and libraries as one text, equal on machines that compute alike. */
  public String fingerprint() {
    return name.replaceAll(":.*", "") + " " + description + " x" + computeUnits + " " + libraries;
  }
}
