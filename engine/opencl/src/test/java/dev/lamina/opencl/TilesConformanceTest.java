package dev.lamina.opencl;

import dev.lamina.device.Device;
import dev.lamina.testkit.DeviceConformance;

/** The kernels for GPUs, on whatever the first device is. */
class TilesConformanceTest extends DeviceConformance {
  @Override
  protected Device openDevice() {
    return FirstDevice.openWithTiles();
  }

  @Override
  protected boolean compilesKernels() {
    return true;
  }
}
