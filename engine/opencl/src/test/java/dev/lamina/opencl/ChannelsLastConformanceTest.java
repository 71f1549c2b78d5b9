package dev.lamina.opencl;

import dev.lamina.device.Device;
import dev.lamina.device.Precision;
import dev.lamina.op.Op;
import dev.lamina.testkit.DeviceConformance;

/**
 * The kernels that CUDA devices get for images in single precision, channels last; products stay
 * f32 here.
 */
class ChannelsLastConformanceTest extends DeviceConformance {
  @Override
  protected Device openDevice() {
    return FirstDevice.openWithTiles(Precision.TF32);
  }

  @Override
  protected boolean covers(Class<? extends Op> op) {
    return FirstDevice.TAKES_IMAGES.contains(op);
  }

  @Override
  protected boolean compilesKernels() {
    return true;
  }
}
