package dev.lamina.opencl;

import dev.lamina.device.Device;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.PooledGradientConformance;

/** The kernels that take a gradient as its winners. */
class PooledUnderOclgrind extends PooledGradientConformance {
  private final Oclgrind oclgrind = new Oclgrind();

  @Override
  protected Device openDevice() {
    return oclgrind.open(true);
  }

  @Override
  protected int leastWays(TensorSpec x, int filters, Window window, Window pool) {
    return PooledGradientTest.offered(window, pool) ? 2 : 0;
  }

  @Override
  protected String reports() {
    return oclgrind.reports();
  }
}
