package dev.lamina.opencl;

import dev.lamina.device.Device;
import dev.lamina.testkit.DeviceConformance;

/** The kernels that the first device gets. */
class OpenClConformanceTest extends DeviceConformance {
  @Override
  protected Device openDevice() {
    return FirstDevice.open();
  }

  @Override
  protected boolean compilesKernels() {
    return true;
  }
}
