package dev.lamina.device;

import dev.lamina.op.Cost;
import dev.lamina.op.Op;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * An op applied to specs: what a device is asked to prepare. Equal calls can share what was
 * measured about them.
 *
 * @param op the operation
 * @param inputs specs of the inputs
 * @param outputs specs of the outputs, as the op infers them
 * @param lanes how many lanes run at once; a device of several cores gives each lane its share
 */
public record OpCall(Op op, List<TensorSpec> inputs, List<TensorSpec> outputs, int lanes) {
  /** Copies the lists. */
  public OpCall {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /**
   * Makes the call of an op on these inputs.
   *
   * @throws dev.lamina.tensor.ShapeException if they do not fit
   */
  public static OpCall of(Op op, int lanes, TensorSpec... inputs) {
    List<TensorSpec> given = List.of(inputs);
    return new OpCall(op, given, op.infer(given), lanes);
  }

  /** Returns arithmetic and traffic of the call. */
  public Cost cost() {
    return op.cost(inputs, outputs);
  }

  /** Returns the call as {@code relu(f32[2,3]) -> f32[2,3]}, a key that is stable between runs. */
  @Override
  public String toString() {
    return op + " " + inputs + " -> " + outputs + " lanes " + lanes;
  }
}
