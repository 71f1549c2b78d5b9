package dev.lamina.device;

import java.util.List;

/** A family of devices, found by {@link java.util.ServiceLoader}; constructing it loads nothing. */
public interface DeviceProvider {
  /** Returns the family's name, the part before the colon of its devices' names. */
  String family();

  /**
   * Returns the usable devices, in the order of their indices; empty where there are none.
   *
   * @throws DeviceException if the family's library is there but broken
   */
  List<DeviceInfo> discover();

  /**
   * Opens device {@code index} of the family.
   *
   * @throws DeviceException if it is missing or unusable
   */
  Device open(int index, DeviceOptions options);

  /** Looks at everything the family needs and says what is missing. */
  List<Diagnosis> diagnose();
}
