package dev.lamina.exec;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceOutOfMemoryException;
import dev.lamina.device.OpCall;
import dev.lamina.op.Add;
import dev.lamina.op.Cost;
import dev.lamina.op.MatMul;
import dev.lamina.tensor.TensorSpec;

/**
 * What a device has been seen to reach with its own ops: a measured peak, not its maker's.
 *
 * @param gflops 10⁹ operations a second of the fastest square matrix product
 * @param gigabytesPerSecond 10⁹ bytes a second of a sum of tensors that no cache holds
 */
public record Peak(double gflops, double gigabytesPerSecond) {
  private static final long SMALLEST_PRODUCT = 256;
  private static final long LARGEST_PRODUCT = 8192;

  /** A larger product, eight times the work, is not tried if the last took longer. */
  private static final long ENOUGH_NANOS = 30_000_000;

  /** Elements of a tensor that no cache holds: 64 MiB. */
  private static final long LARGEST_SUM = 1L << 24;

  private static final long SMALLEST_SUM = 1L << 16;

  /**
   * Measures a device on scratch memory, which takes up to some seconds; the caller holds its turn.
   * Where memory is scarce it measures smaller tensors.
   */
  public static Peak measure(Device device) {
    Stopwatch stopwatch = new Stopwatch(device);
    return new Peak(product(device, stopwatch), sum(device, stopwatch));
  }

  private static double product(Device device, Stopwatch stopwatch) {
    double gflops = 0;
    long nanos = 0;
    for (long n = SMALLEST_PRODUCT; n <= LARGEST_PRODUCT && nanos < ENOUGH_NANOS; n *= 2) {
      TensorSpec square = TensorSpec.f32(n, n);
      OpCall call = OpCall.of(new MatMul(), 1, square, square);
      try {
        nanos = least(device, stopwatch, call);
      } catch (DeviceOutOfMemoryException tooLarge) {
        break;
      }
      gflops = Math.max(gflops, (double) call.cost().flops() / nanos);
    }
    return gflops;
  }

  private static double sum(Device device, Stopwatch stopwatch) {
    for (long elements = LARGEST_SUM; elements >= SMALLEST_SUM; elements /= 2) {
      TensorSpec spec = TensorSpec.f32(elements / 256, 256);
      OpCall call = OpCall.of(new Add(), 1, spec, spec);
      try {
        return (double) call.cost().bytes() / least(device, stopwatch, call);
      } catch (DeviceOutOfMemoryException tooLarge) {
        continue;
      }
    }
    return 0;
  }

  private static long least(Device device, Stopwatch stopwatch, OpCall call) {
    return device.ways(call).stream()
        .mapToLong(way -> stopwatch.nanos(call, way))
        .min()
        .orElseThrow();
  }

  /**
   * Returns which part of the peak a call reached: of arithmetic or of traffic, whichever is more;
   * 0 where nothing was measured.
   */
  public double share(Cost cost, long nanos) {
    double arithmetic = gflops == 0 ? 0 : cost.flops() / (gflops * nanos);
    double traffic = gigabytesPerSecond == 0 ? 0 : cost.bytes() / (gigabytesPerSecond * nanos);
    return Math.max(arithmetic, traffic);
  }
}
