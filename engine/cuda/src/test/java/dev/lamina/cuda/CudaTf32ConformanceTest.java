package dev.lamina.cuda;

import dev.lamina.device.Precision;

/** The suite on cuda:0 in {@code tf32}. */
class CudaTf32ConformanceTest extends CudaConformanceTest {
  @Override
  Precision precision() {
    return Precision.TF32;
  }
}
