package dev.lamina.graph;

/**
 * A tensor that training changes.
 *
 * @param value its place in the graph; the name is unique, for example {@code conv1.weight}
 * @param initializer its first values
 * @param decays whether weight decay applies; not for biases and norms
 * @param frozen whether it stays as it is: then it has neither gradient nor optimizer state
 */
public record Parameter(Value value, Initializer initializer, boolean decays, boolean frozen) {
  /** Makes a parameter that learns. */
  public Parameter(Value value, Initializer initializer, boolean decays) {
    this(value, initializer, decays, false);
  }

  /** Returns the unique name. */
  public String name() {
    return value.name();
  }
}
