package dev.lamina.op;

import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Arithmetic and compulsory traffic of one call, for reports and benchmarks.
 *
 * @param flops floating-point operations; a multiply-add counts two
 * @param bytes bytes read and written if nothing stays in a cache
 */
public record Cost(long flops, long bytes) {
  /** Returns the cost of a call that only moves its operands. */
  public static Cost traffic(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return new Cost(0, bytes(inputs) + bytes(outputs));
  }

  /** Returns the cost of a call with that many operations over its operands. */
  public static Cost of(long flops, List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return new Cost(flops, bytes(inputs) + bytes(outputs));
  }

  /** Returns the sum of both. */
  public Cost plus(Cost other) {
    return new Cost(flops + other.flops, bytes + other.bytes);
  }

  private static long bytes(List<TensorSpec> specs) {
    return specs.stream().mapToLong(TensorSpec::bytes).sum();
  }
}
