package dev.lamina.op;

import dev.lamina.tensor.TensorSpec;

/** A value that ops read or make; graphs give it an identity. */
public interface Operand {
  /** Returns type and shape of the value. */
  TensorSpec spec();
}
