package dev.lamina.opencl;

import dev.lamina.device.Device;
import dev.lamina.testkit.MemoryConformance;

/** Kernels that must not make {@link Oclgrind} report anything. */
abstract class KernelsUnderOclgrind extends MemoryConformance {
  /** Of so many processes, this is one; the first is 0. */
  private static final long SHARES = Long.getLong("oclgrind.shares", 1);

  private static final long SHARE = Long.getLong("oclgrind.share", 0);

  private final Oclgrind oclgrind = new Oclgrind();
  private final boolean panels;

  /** Checks the kernels for CPU-type devices or those for GPUs. */
  KernelsUnderOclgrind(boolean panels) {
    this.panels = panels;
  }

  @Override
  protected Device openDevice() {
    return oclgrind.open(panels);
  }

  @Override
  protected String reports() {
    return oclgrind.reports();
  }

  @Override
  protected boolean brief() {
    return Boolean.getBoolean("oclgrind.brief");
  }

  @Override
  protected String opNames() {
    return System.getProperty("oclgrind.ops", ".*");
  }

  @Override
  protected boolean takes(long run) {
    return run % SHARES == SHARE;
  }
}
