package dev.lamina.cuda;

import dev.lamina.device.Precision;

/** The suite on cuda:0 in {@code bf16}. */
class CudaBf16ConformanceTest extends CudaConformanceTest {
  @Override
  Precision precision() {
    return Precision.BF16;
  }
}
