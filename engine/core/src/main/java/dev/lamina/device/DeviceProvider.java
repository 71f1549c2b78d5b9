package dev.lamina.device;

import java.util.List;
import java.util.Optional;

/** A family of devices, found by {@link java.util.ServiceLoader}; constructing it loads nothing. */
public interface DeviceProvider {
  /** Returns the family's name, the part before the colon of its devices' names. */
  String family();

  /**
   * Returns how early {@code auto} looks at the family: higher ones first, the CPU at 0. Negative
   * is behind the CPU: only users who name such a device get it.
   */
  int preference();

  /**
   * Returns why {@code auto} passes a usable device over; empty where it takes it.
   *
   * @param device one that {@link #discover()} found
   */
  default Optional<String> passedOver(DeviceInfo device) {
    return Optional.empty();
  }

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
