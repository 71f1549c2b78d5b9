package dev.lamina.testkit;

import java.util.List;

/**
 * How a {@link ReferenceDevice} behaves.
 *
 * @param ways the ways it offers for ops that are free in their layouts, its default first; other
 *     ops (loss, steps, flat updates) know canonical layouts only
 * @param asynchronous false: computes when asked and lends its memory to the host, like a CPU;
 *     true: queues work on two streams until someone waits for it, and maps nothing, like a GPU
 * @param maxLanes lanes it claims to run at once
 * @param alignment bytes, a power of two; bound buffers must keep it
 * @param maxAllocation bytes of the largest allocation
 * @param memoryLimit bytes that all arenas together may take
 * @param stepsPerLaunch steps that it claims are worth one launch
 * @param fuses whether it runs ops that lowering can put in place of several others
 */
public record ReferenceOptions(
    List<ReferenceWay> ways,
    boolean asynchronous,
    int maxLanes,
    int alignment,
    long maxAllocation,
    long memoryLimit,
    int stepsPerLaunch,
    boolean fuses) {

  /** Copies the list and checks the values. */
  public ReferenceOptions {
    ways = List.copyOf(ways);
    if (ways.isEmpty() || maxLanes < 1 || Integer.bitCount(alignment) != 1) {
      throw new IllegalArgumentException(
          "a reference device needs a way, a lane and an alignment that is a power of two");
    }
    if (maxAllocation < 1 || maxAllocation > Integer.MAX_VALUE - 4096 || memoryLimit < 1) {
      throw new IllegalArgumentException(
          "largest allocation %d and memory limit %d must be positive, the first below 2 GiB"
              .formatted(maxAllocation, memoryLimit));
    }
  }

  /** Makes options of a device that launches each step by itself. */
  public ReferenceOptions(
      List<ReferenceWay> ways,
      boolean asynchronous,
      int maxLanes,
      int alignment,
      long maxAllocation,
      long memoryLimit) {
    this(ways, asynchronous, maxLanes, alignment, maxAllocation, memoryLimit, 1, true);
  }

  /** Returns canonical layouts, synchronous, 4 lanes, 64 bytes' alignment, no tight limits. */
  public static ReferenceOptions defaults() {
    return new ReferenceOptions(
        List.of(ReferenceWay.CANONICAL), false, 4, 64, 1 << 30, Long.MAX_VALUE);
  }

  /** Returns these options with other ways, the default first. */
  public ReferenceOptions withWays(ReferenceWay... ways) {
    return new ReferenceOptions(
        List.of(ways),
        asynchronous,
        maxLanes,
        alignment,
        maxAllocation,
        memoryLimit,
        stepsPerLaunch,
        fuses);
  }

  /** Returns these options for a device like a GPU: one lane, queued work, nothing mapped. */
  public ReferenceOptions likeGpu() {
    return new ReferenceOptions(
        ways, true, 1, 256, maxAllocation, memoryLimit, stepsPerLaunch, fuses);
  }

  /** Returns these options with other limits on memory, in bytes. */
  public ReferenceOptions withMemory(long maxAllocation, long memoryLimit) {
    return new ReferenceOptions(
        ways, asynchronous, maxLanes, alignment, maxAllocation, memoryLimit, stepsPerLaunch, fuses);
  }

  /** Returns these options for a device that takes so many steps as one launch. */
  public ReferenceOptions withStepsPerLaunch(int steps) {
    return new ReferenceOptions(
        ways, asynchronous, maxLanes, alignment, maxAllocation, memoryLimit, steps, fuses);
  }

  /** Returns these options for a device that runs only ops that models have. */
  public ReferenceOptions withoutFusion() {
    return new ReferenceOptions(
        ways, asynchronous, maxLanes, alignment, maxAllocation, memoryLimit, stepsPerLaunch, false);
  }
}
