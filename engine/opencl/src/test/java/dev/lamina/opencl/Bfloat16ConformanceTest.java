package dev.lamina.opencl;

import dev.lamina.device.Device;
import dev.lamina.device.Precision;
import dev.lamina.op.Op;
import dev.lamina.testkit.DeviceConformance;

/**
 * The kernels that CUDA devices get for images stored as bfloat16, channels last; products stay f32
 * here.
 */
class Bfloat16ConformanceTest extends DeviceConformance {
  @Override
  protected Device openDevice() {
    return FirstDevice.openWithTiles(Precision.BF16);
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
