package dev.lamina.cuda;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.cuda.library.LibrarySet;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.Precision;
import dev.lamina.kernels.KernelOps;
import dev.lamina.op.Op;
import dev.lamina.testkit.DeviceConformance;
import dev.lamina.testkit.ReferenceOps;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** The suite on cuda:0, or a visible skip; {@code -Ddevices.required=cuda} makes that a failure. */
class CudaConformanceTest extends DeviceConformance {
  /** Returns the precision in which the device is opened. */
  Precision precision() {
    return Precision.F32;
  }

  @Override
  protected Device openDevice() {
    String required = System.getProperty("devices.required", "");
    boolean driver = LibrarySet.find().hasDriver();
    if (!driver && Arrays.asList(required.split(",")).contains("cuda")) {
      fail("-Ddevices.required=" + required + ", but there is no NVIDIA driver");
    }
    assumeTrue(driver, "no NVIDIA driver");
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
