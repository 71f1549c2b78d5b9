package dev.lamina.cuda.call;

import jcuda.driver.CUdeviceptr;

/** A device address in JCuda's clothes, which otherwise hides the number. */
final class Address extends CUdeviceptr {
  private static final CUdeviceptr ZERO = new CUdeviceptr();

  /** Makes an address that a call fills in. */
  Address() {}

  /** Makes an address of its number: JCuda adds base and offset. */
  Address(long address) {
    super(ZERO, address);
  }

  long value() {
    return getNativePointer() + getByteOffset();
  }
}
