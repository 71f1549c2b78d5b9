package dev.lamina.cpu;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.cpu.jit.NativeCode;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.PooledGradientConformance;

class PooledGradientTest extends PooledGradientConformance {
  @Override
  protected Device openDevice() {
    assumeTrue(NativeCode.unsupported().isEmpty(), NativeCode.unsupported());
    return new CpuDeviceProvider().open(0, DeviceOptions.defaults().withThreads(1));
  }

  @Override
  protected int leastWays(TensorSpec x, int filters, Window window, Window pool) {
    return pool.equals(Window.of(2).stride(1)) ? 0 : 2;
  }

  /** Windows lie apart, and filters fill vectors or are fewer than a vector. */
  @Override
  protected boolean poolsResults(int filters, Window pool) {
    return (filters < 8 || filters % 8 == 0) && pool.equals(Window.of(2).stride(2));
  }
}
