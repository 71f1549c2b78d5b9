package dev.lamina.op;

import dev.lamina.tensor.DataType;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An optimizer's update of a flat run of parameters, in place.
 *
 * <p>Inputs, in order: parameters {@code f32[e]}; {@link #states()} state tensors {@code f32[e]};
 * step tables; cursor; if {@link #clipped()} the factor {@code f32[1]} of {@link ClipFactor}; then
 * one or more gradients {@code f32[e]}. The gradient that counts is their sum in this order, times
 * the table's {@link StepTable#GRADIENT_SCALE}, times the clip factor. No outputs.
 *
 * <p>A parameter, gradient and state of zero stay zero, which keeps layout padding clean.
 */
public interface OptimizerOp extends Op {
  /** Returns the number of state tensors per parameter tensor. */
  int states();

  /** Says whether a clip factor is among the inputs. */
  boolean clipped();

  /** Returns the factor on the table's learning rate, by parameter group. */
  float rateFactor();

  /** Returns this update with another rate factor and weight decay, by parameter group. */
  OptimizerOp forGroup(float rateFactor, float weightDecay);

  /** Returns this update with or without a clip factor. */
  OptimizerOp clipped(boolean clipped);

  /** Returns the L2 or decoupled weight decay. */
  float weightDecay();

  /** Returns the position of the step tables among the inputs; the cursor follows. */
  default int tablesPosition() {
    return 1 + states();
  }

  /** Returns the position of the first gradient among the inputs. */
  default int firstGradient() {
    return tablesPosition() + (clipped() ? 3 : 2);
  }

  @Override
  default List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, firstGradient() + 1, Integer.MAX_VALUE);
    TensorSpec parameters = inputs.get(0);
    Check.rank(this, "parameters", parameters, 1);
    Check.type(this, "parameters", parameters, DataType.F32);
    for (int i = 1; i < inputs.size(); i++) {
      boolean flat = i < tablesPosition() || i >= firstGradient();
      if (flat && !inputs.get(i).equals(parameters)) {
        throw new ShapeException(
            name() + ": input " + i + " must be " + parameters + ", but is " + inputs.get(i));
      }
    }
    StepTable.check(this, inputs.get(tablesPosition()), inputs.get(tablesPosition() + 1), 0);
    if (clipped()) {
      Check.same(this, "clip factor", inputs.get(firstGradient() - 1), TensorSpec.f32(1));
    }
    return List.of();
  }

  @Override
  default Set<Integer> mutates() {
    return IntStream.rangeClosed(0, states()).boxed().collect(Collectors.toUnmodifiableSet());
  }

  @Override
  default Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    long elements = inputs.get(0).elements();
    long gradients = inputs.size() - firstGradient();
    return new Cost(
        elements * (4L + 4L * states() + gradients),
        4 * elements * (2L + 2L * states() + gradients));
  }
}
