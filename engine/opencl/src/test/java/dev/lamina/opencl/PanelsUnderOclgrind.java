package dev.lamina.opencl;

/** The kernels for CPU-type devices. */
class PanelsUnderOclgrind extends KernelsUnderOclgrind {
  PanelsUnderOclgrind() {
    super(true);
  }
}
