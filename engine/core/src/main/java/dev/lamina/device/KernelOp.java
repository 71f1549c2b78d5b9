package dev.lamina.device;

import dev.lamina.op.Cost;
import dev.lamina.op.Op;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A kernel of the user's as devices see it: an op that may change all its inputs in place and has
 * no outputs. A device that compiles no kernels does not offer it.
 *
 * @param task name in its graph, for messages
 * @param kernel what to compile
 * @param range over how many work-items
 * @param arguments one for each parameter
 * @param arrays how many inputs the op has
 */
public record KernelOp(
    String task, Kernel kernel, Range range, List<Argument> arguments, int arrays) implements Op {
  /** What a kernel is given in one place. */
  public sealed interface Argument {}

  /**
   * An array.
   *
   * @param position the input of the op, from 0
   * @param array its name in the graph
   */
  public record Array(int position, String array) implements Argument {}

  /**
   * A number of the kernel's own type: {@code Integer}, {@code Long}, {@code Float} or {@code
   * Double}.
   *
   * @param value the number
   */
  public record Scalar(Number value) implements Argument {}

  /** Copies the list. */
  public KernelOp {
    arguments = List.copyOf(arguments);
  }

  @Override
  public String name() {
    return "kernel " + kernel.name();
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    return List.of();
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return kernel.cost().orElseGet(() -> Cost.traffic(inputs, outputs));
  }

  @Override
  public Set<Integer> mutates() {
    return IntStream.range(0, arrays).boxed().collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public String toString() {
    return "kernel " + kernel + " over " + range;
  }
}
