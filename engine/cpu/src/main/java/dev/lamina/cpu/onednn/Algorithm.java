package dev.lamina.cpu.onednn;

import org.bytedeco.dnnl.global.dnnl;

/** How a convolution is computed. */
public enum Algorithm {
  DIRECT(dnnl.dnnl_convolution_direct),
  /** Fewer multiplications, more rounding; only where oneDNN has it. */
  WINOGRAD(dnnl.dnnl_convolution_winograd);

  private final int code;

  Algorithm(int code) {
    this.code = code;
  }

  int convolution() {
    return code;
  }
}
