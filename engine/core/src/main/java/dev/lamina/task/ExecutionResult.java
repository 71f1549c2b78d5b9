package dev.lamina.task;

import dev.lamina.op.Cost;
import java.util.List;

/**
 * What one execution took.
 *
 * @param nanos from start to end on the host, transfers included
 * @param profiled whether tasks ran one by one for the sake of the times below
 * @param tasks time of each task; empty unless profiled
 * @param transfers time of each transfer that was made; empty unless profiled
 */
public record ExecutionResult(
    long nanos, boolean profiled, List<TaskTime> tasks, List<TransferTime> transfers) {
  /** Copies the lists. */
  public ExecutionResult {
    tasks = List.copyOf(tasks);
    transfers = List.copyOf(transfers);
  }

  /**
   * Time of one task.
   *
   * @param cost arithmetic and compulsory traffic
   */
  public record TaskTime(String name, long nanos, Cost cost) {
    /** Returns floating-point operations per nanosecond, which are GFLOP/s. */
    public double gflops() {
      return (double) cost.flops() / nanos;
    }
  }

  /**
   * Time of one transfer.
   *
   * @param array the array's name
   * @param toDevice direction
   */
  public record TransferTime(String array, boolean toDevice, long bytes, long nanos) {}
}
