package dev.lamina.opencl;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import java.util.Arrays;

/** Opens opencl:0, or skips the test; {@code -Ddevices.required=opencl} makes that a failure. */
final class FirstDevice {
  private FirstDevice() {}

  static Device open() {
    require();
    return new OpenClDeviceProvider().open(0, DeviceOptions.defaults());
  }

  static Device openWithTiles() {
    require();
    return new OpenClDevice(
        Hardware.all().get(0), DeviceOptions.defaults(), false, OpenClDevice.LARGEST_INLINE);
  }

  static void require() {
    boolean found = !new OpenClDeviceProvider().discover().isEmpty();
    String required = System.getProperty("devices.required", "");
    if (!found && Arrays.asList(required.split(",")).contains("opencl")) {
      fail("-Ddevices.required=" + required + ", but no OpenCL driver was found");
    }
    assumeTrue(found, "no OpenCL driver; install pocl-opencl-icd to run these tests on the CPU");
  }
}
