package dev.lamina.op;

import dev.lamina.tensor.DataType;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/** Argument checks that ops share; each failure names the op and the values. */
final class Check {
  private Check() {}

  static void count(Op op, List<TensorSpec> inputs, int least, int most) {
    if (inputs.size() < least || inputs.size() > most) {
      throw new ShapeException(
          op.name()
              + ": takes "
              + (least == most ? least : least + " to " + most)
              + " inputs, but got "
              + inputs);
    }
  }

  static void rank(Op op, String what, TensorSpec spec, int rank) {
    if (spec.shape().rank() != rank) {
      throw new ShapeException(
          op.name() + ": " + what + " must have " + rank + " extents, but is " + spec);
    }
  }

  static void type(Op op, String what, TensorSpec spec, DataType type) {
    if (spec.type() != type) {
      throw new ShapeException(op.name() + ": " + what + " must be " + type + ", but is " + spec);
    }
  }

  static void f32(Op op, String what, TensorSpec spec) {
    type(op, what, spec, DataType.F32);
  }

  /** Checks that an input is f32 and has so many extents. */
  static void f32(Op op, String what, TensorSpec spec, int rank) {
    rank(op, what, spec, rank);
    f32(op, what, spec);
  }

  static void same(Op op, String what, TensorSpec spec, TensorSpec expected) {
    if (!spec.equals(expected)) {
      throw new ShapeException(
          op.name() + ": " + what + " must be " + expected + ", but is " + spec);
    }
  }
}
