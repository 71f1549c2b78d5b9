package dev.lamina.op;

import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is computed: an immutable record of attributes. Equal records on equal specs are
 * interchangeable, so an op is also a key under which devices cache what they prepared.
 */
public interface Op {
  /** Returns the op's name as users see it, for example {@code conv2d}. */
  String name();

  /**
   * Returns the specs of the outputs.
   *
   * @throws ShapeException if the inputs do not fit the op; the message names the values
   */
  List<TensorSpec> infer(List<TensorSpec> inputs);

  /** Returns the arithmetic and the traffic of one call. */
  default Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.traffic(inputs, outputs);
  }

  /**
   * Emits the ops that turn the gradients of the outputs into the gradients of the inputs.
   *
   * @throws UnsupportedOpException if the op has no gradient
   */
  default void gradient(GradientEmitter emitter) {
    throw new UnsupportedOpException(name() + " has no gradient");
  }

  /**
   * Returns the positions of the inputs that a call changes in place; empty for most ops. Devices
   * take them in canonical form, since a reordered copy would take the change with it.
   */
  default Set<Integer> mutates() {
    return Set.of();
  }

  /**
   * Returns the positions of the outputs whose content only the device's own ops understand: they
   * have no canonical form and are never reordered.
   */
  default Set<Integer> opaque() {
    return Set.of();
  }

  /**
   * Says whether results of one row depend on the other rows of the batch, so that a batch must not
   * be shared by lanes that know nothing of each other.
   */
  default boolean joinsRows() {
    return false;
  }

  /**
   * Returns this op for rows that begin at {@code firstRow} of the batch, for an op that draws
   * random numbers: within a step its inputs are followed by step tables and cursor, on which the
   * draws depend. Empty for an op that draws none.
   */
  default Optional<Op> atRow(int firstRow) {
    return Optional.empty();
  }

  /**
   * Returns the op that takes this one's place outside training; itself for most. It has the same
   * inputs, and outputs that are the first ones of this op. Empty for an op that is nothing outside
   * training: its first input then takes the place of its first output.
   */
  default Optional<Op> inference() {
    return Optional.of(this);
  }
}
