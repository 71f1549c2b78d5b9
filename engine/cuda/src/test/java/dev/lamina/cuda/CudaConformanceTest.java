package dev.lamina.cuda;

import dev.lamina.cuda.library.LibrarySet;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.Precision;
import dev.lamina.kernels.KernelOps;
import dev.lamina.op.Op;
import dev.lamina.testkit.DeviceConformance;
import dev.lamina.testkit.ReferenceOps;
import dev.lamina.testkit.RequiredDevices;
import java.util.HashSet;
import java.util.Set;

/** The suite on cuda:0, or a visible skip as {@link RequiredDevices} does. */
class CudaConformanceTest extends DeviceConformance {
  /** Returns the precision in which the device is opened. */
  Precision precision() {
    return Precision.F32;
  }

  @Override
  protected Device openDevice() {
    RequiredDevices.require("cuda", LibrarySet.find().hasDriver(), "there is no NVIDIA driver");
    DeviceOptions options = DeviceOptions.defaults().withPrecision(precision());
    return new CudaDeviceProvider().open(0, options);
  }

  @Override
  protected Set<Class<? extends Op>> unsupported() {
    Set<Class<? extends Op>> lacking = new HashSet<>(ReferenceOps.ops());
    lacking.removeAll(KernelOps.ops());
    return lacking;
  }

  @Override
  protected boolean compilesKernels() {
    return true;
  }
}
