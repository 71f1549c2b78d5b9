package dev.lamina.device;

import dev.lamina.naming.Names;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/** Finds and opens devices by the names users type. */
public final class Devices {
  /**
   * What {@code auto} took.
   *
   * @param name the device to open
   * @param passedOver a clause for each family that was looked at first and why it was left
   */
  public record Selection(String name, List<String> passedOver) {
    /** Returns {@code cpu (cuda: no device found)}, the first line of a run. */
    @Override
    public String toString() {
      return passedOver.isEmpty() ? name : name + " (" + String.join("; ", passedOver) + ")";
    }
  }

  private Devices() {}

  /** Returns the families on the class path, in order of preference. */
  public static List<DeviceProvider> providers() {
    List<DeviceProvider> providers = new ArrayList<>();
    ServiceLoader.load(DeviceProvider.class).forEach(providers::add);
    providers.sort(Comparator.comparingInt(DeviceProvider::preference).reversed());
    return providers;
  }

  /**
   * Opens a device with all cores and no memory limit.
   *
   * @param name {@code cpu}, {@code cuda:0}, {@code opencl:1}; {@code cuda} means {@code cuda:0};
   *     {@code auto} takes the best
   * @throws DeviceException if there is no such device or it cannot be used, or not as the options
   *     say; nothing else is opened in its place
   */
  public static Device open(String name) {
    return open(name, DeviceOptions.defaults());
  }

  /** Opens a device as {@link #open(String)} does, with options. */
  public static Device open(String name, DeviceOptions options) {
    String wanted = name.equals("auto") ? auto().name() : name;
    int colon = wanted.indexOf(':');
    String family = colon < 0 ? wanted : wanted.substring(0, colon);
    int index = colon < 0 ? 0 : index(name, wanted.substring(colon + 1));
    List<DeviceProvider> providers = providers();
    for (DeviceProvider provider : providers) {
      if (provider.family().equals(family)) {
        return inPrecision(provider.open(index, options), options.precision());
      }
    }
    List<String> families = providers.stream().map(DeviceProvider::family).toList();
    if (families.isEmpty()) {
      throw new DeviceException(
          "device "
              + name
              + ": no device family is on the class path; add dev.lamina:lamina-cpu and"
              + " dev.lamina:lamina-cpu-platform");
    }
    throw new DeviceException(
        "device "
            + name
            + ": unknown family "
            + family
            + " (available: "
            + String.join(", ", families)
            + ")"
            + Names.suggestion(family, families));
  }

  /** A device that knows nothing of precisions computes in its own: none is taken for another. */
  private static Device inPrecision(Device device, Precision wanted) {
    Precision declared = device.precision();
    if (declared == wanted) {
      return device;
    }
    String name = device.info().name();
    device.close();
    throw new DeviceException(
        "device %s offers %s, not %s; leave the precision out, or take another device"
            .formatted(name, declared, wanted));
  }

  /**
   * Chooses a device: the first that its family does not pass over, families by preference.
   *
   * @throws DeviceException if no family has a usable device
   */
  public static Selection auto() {
    List<String> passedOver = new ArrayList<>();
    for (DeviceProvider provider : providers()) {
      try {
        List<DeviceInfo> found = provider.discover();
        for (DeviceInfo info : found) {
          Optional<String> reason = provider.passedOver(info);
          if (reason.isEmpty()) {
            return new Selection(info.name(), passedOver);
          }
          passedOver.add(info.name() + " " + info.description() + ": " + reason.get());
        }
        if (found.isEmpty()) {
          passedOver.add(provider.family() + ": no device found");
        }
      } catch (DeviceException unusable) {
        passedOver.add(provider.family() + " unusable: " + unusable.getMessage());
      }
    }
    throw new DeviceException(
        "no usable device: "
            + (passedOver.isEmpty()
                ? "no device family is on the class path"
                : String.join("; ", passedOver)));
  }

  private static int index(String name, String digits) {
    try {
      int index = Integer.parseInt(digits);
      if (index >= 0) {
        return index;
      }
    } catch (NumberFormatException notNumber) {
      // reported below, together with negative numbers
    }
    throw new DeviceException(
        "device " + name + ": what follows the colon must be a number from 0, not " + digits);
  }
}
