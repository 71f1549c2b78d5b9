package dev.lamina.opencl;

/** The kernels for GPUs. */
class TilesUnderOclgrind extends KernelsUnderOclgrind {
  TilesUnderOclgrind() {
    super(false);
  }
}
