package dev.lamina.task;

import dev.lamina.op.Op;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Stands in a schedule for a function of the user's; it may change all its arrays in place. */
record HostFunctionOp(String name, int arrays) implements Op {
  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    return List.of();
  }

  @Override
  public Set<Integer> mutates() {
    return IntStream.range(0, arrays).boxed().collect(Collectors.toUnmodifiableSet());
  }
}
