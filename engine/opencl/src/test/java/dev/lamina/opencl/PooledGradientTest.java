package dev.lamina.opencl;

import dev.lamina.device.Device;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.PooledGradientConformance;

class PooledGradientTest extends PooledGradientConformance {
  @Override
  protected Device openDevice() {
    return FirstDevice.open();
  }

  @Override
  protected int leastWays(TensorSpec x, int filters, Window window, Window pool) {
    return offered(window, pool) ? 2 : 0;
  }

  /** One for each convolution, for rows of filters that fill vectors. */
  static boolean offered(Window window, Window pool) {
    return pool.equals(Window.of(2).stride(2)) && window.strideHeight() == 1;
  }
}
