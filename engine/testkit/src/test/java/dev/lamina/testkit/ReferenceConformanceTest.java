package dev.lamina.testkit;

import dev.lamina.device.Device;

/** The suite on the reference device itself: holds the suite to what a right device does. */
class ReferenceConformanceTest extends DeviceConformance {
  @Override
  protected Device openDevice() {
    return ReferenceDevice.open(
        ReferenceOptions.defaults()
            .withWays(ReferenceWay.REVERSED, ReferenceWay.CANONICAL, ReferenceWay.MIXED));
  }
}
