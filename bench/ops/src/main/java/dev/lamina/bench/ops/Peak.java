package dev.lamina.bench.ops;

import dev.lamina.device.OpCall;
import dev.lamina.op.Add;
import dev.lamina.op.MatMul;
import dev.lamina.op.Op;
import dev.lamina.op.Reorder;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What a device has been seen to reach: a measured peak, which a better kernel can raise.
 *
 * @param gflops 10⁹ operations a second of the fastest square matrix product
 * @param gigabytesPerSecond 10⁹ bytes a second that copies and sums of tensors move, which no cache
 *     holds
 */
record Peak(double gflops, double gigabytesPerSecond) {
  private static final long SMALLEST = 512;
  private static final long LARGEST = 8192;

  /** A larger product, eight times the work, is not tried if the last took longer. */
  private static final long ENOUGH_NANOS = 60_000_000;

  private static final long WINDOW_NANOS = 100_000_000;

  /** Elements of each tensor that is copied: 64 MiB. */
  private static final long ELEMENTS = 1L << 24;

  static Peak of(Rig rig) {
    double gflops = 0;
    long nanos = 0;
    for (long n = SMALLEST; n <= LARGEST && nanos < ENOUGH_NANOS; n *= 2) {
      OpCall product = call(new MatMul(), 2, n, n);
      nanos = least(rig, product);
      gflops = Math.max(gflops, (double) product.cost().flops() / nanos);
    }
    double rate = 0;
    for (OpCall call :
        List.of(call(new Add(), 2, ELEMENTS / 4096, 4096), call(new Reorder(), 1, ELEMENTS))) {
      rate = Math.max(rate, (double) call.cost().bytes() / least(rig, call));
    }
    return new Peak(gflops, rate);
  }

  /** Returns the higher of each: what two ways to use the same hardware have reached. */
  Peak or(Peak other) {
    return new Peak(
        Math.max(gflops, other.gflops), Math.max(gigabytesPerSecond, other.gigabytesPerSecond));
  }

  private static OpCall call(Op op, int inputs, long... dims) {
    TensorSpec spec = TensorSpec.f32(dims);
    return OpCall.of(
        op, 1, IntStream.range(0, inputs).mapToObj(i -> spec).toArray(TensorSpec[]::new));
  }

  private static long least(Rig rig, OpCall call) {
    Case alone = new Case("peak", "peak", 1, call, call, Set.of());
    try (Subject subject = rig.ready(alone, Rig.ANY).orElseThrow()) {
      subject.measure(WINDOW_NANOS);
      return subject.least();
    }
  }
}
