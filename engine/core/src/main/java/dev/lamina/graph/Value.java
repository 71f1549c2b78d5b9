package dev.lamina.graph;

import dev.lamina.op.Operand;
import dev.lamina.tensor.TensorSpec;

/** A tensor in a graph; it is the same as another only if it is that very object. */
public final class Value implements Operand {
  private final String name;
  private final TensorSpec spec;

  Value(String name, TensorSpec spec) {
    this.name = name;
    this.spec = spec;
  }

  /** Returns the name, for people: unique for inputs and parameters only. */
  public String name() {
    return name;
  }

  @Override
  public TensorSpec spec() {
    return spec;
  }

  @Override
  public String toString() {
    return name + " " + spec;
  }
}
