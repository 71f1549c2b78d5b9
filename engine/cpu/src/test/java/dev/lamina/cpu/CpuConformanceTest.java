package dev.lamina.cpu;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import dev.lamina.testkit.DeviceConformance;

class CpuConformanceTest extends DeviceConformance {
  @Override
  protected Device openDevice() {
    // Two threads wherever the test runs, so that cases with two lanes have two.
    return new CpuDeviceProvider().open(0, DeviceOptions.defaults().withThreads(2));
  }
}
