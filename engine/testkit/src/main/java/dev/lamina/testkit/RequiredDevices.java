package dev.lamina.testkit;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.device.Devices;
import java.util.Arrays;

/**
 * Skips tests whose device is not there. {@code -Ddevices.required=opencl,cuda} makes that a
 * failure for those families: what should have them must not pass without their tests.
 */
public final class RequiredDevices {
  private static final String PROPERTY = "devices.required";

  private RequiredDevices() {}

  /**
   * Goes on only if a provider on the class path finds the device.
   *
   * @param name with its index, as {@code opencl:0}
   */
  public static void require(String name) {
    String family = name.replaceAll(":.*", "");
    boolean found =
        Devices.providers().stream()
            .filter(provider -> provider.family().equals(family))
            .flatMap(provider -> provider.discover().stream())
            .anyMatch(info -> info.name().equals(name));
    String hint = family.equals("opencl") ? "; pocl-opencl-icd makes one of any CPU" : "";
    require(family, found, "there is no device " + name + hint);
  }

  /**
   * Goes on only if a device is there.
   *
   * @param lacking says what is not there where it is not
   */
  public static void require(String family, boolean found, String lacking) {
    require(family, found, lacking, System.getProperty(PROPERTY, ""));
  }

  static void require(String family, boolean found, String lacking, String required) {
    if (!found && Arrays.asList(required.split(",")).contains(family)) {
      fail("-D" + PROPERTY + "=" + required + ", but " + lacking);
    }
    assumeTrue(found, lacking);
  }
}
