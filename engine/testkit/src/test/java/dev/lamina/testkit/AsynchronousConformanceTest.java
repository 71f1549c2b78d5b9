package dev.lamina.testkit;

import dev.lamina.device.Device;

/** The suite waits wherever a device like a GPU needs it to. */
class AsynchronousConformanceTest extends DeviceConformance {
  @Override
  protected Device openDevice() {
    return ReferenceDevice.open(ReferenceOptions.defaults().likeGpu());
  }
}
