package dev.lamina.cuda;

import dev.lamina.device.KernelOp;
import dev.lamina.device.Range;
import dev.lamina.device.RangeException;
import dev.lamina.device.UnknownKernelException;
import dev.lamina.kernels.DeclaredKernels;
import dev.lamina.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;
import org.slf4j.LoggerFactory;

/** A kernel of the user's. CUDA tells nothing of parameters, so its source does. */
final class TaskKernel {
  /** Threads of a group that keep most kernels busy. */
  private static final int GOOD_GROUP = 256;

  /** Threads that run in step: smaller groups leave some of them idle. */
  private static final int WARP = 32;

  /** Groups by dimension that one launch may have. */
  private static final long[] MOST_GROUPS = {Integer.MAX_VALUE, 65_535, 65_535};

  /** Threads of a group by dimension. */
  private static final long[] MOST_THREADS = {1024, 1024, 64};

  private TaskKernel() {}

  /**
   * Checks that a task fits what its source declares.
   *
   * @throws UnknownKernelException if that is no kernel of this name
   * @throws dev.lamina.device.KernelArgumentException if the arguments do not fit
   */
  static void check(KernelOp task, List<TensorSpec> arrays) {
    DeclaredKernels declared = DeclaredKernels.of(task.kernel().text());
    declared
        .signature(task.kernel().name())
        .orElseThrow(() -> new UnknownKernelException(task.task(), task.kernel(), declared.names()))
        .check(task, arrays);
  }

  /**
   * Returns the range to launch. Where the task leaves the size of groups open it is the largest
   * divisor of the first dimension that a good group has.
   *
   * @param mostThreads what the compiled kernel allows for
   * @throws RangeException if kernel or device take no such groups
   */
  static Range range(String device, KernelOp task, int mostThreads) {
    Range range = task.range();
    if (range.local().isEmpty()) {
      range = grouped(task, Math.min(GOOD_GROUP, mostThreads));
    }
    if (range.groupItems() > mostThreads) {
      throw refused(
          device,
          task,
          "a group has %d work-items, and for this kernel at most %d fit"
              .formatted(range.groupItems(), mostThreads));
    }
    for (int d = 0; d < range.local().size(); d++) {
      long threads = range.local().get(d);
      long groups = range.global().get(d) / threads;
      if (threads > MOST_THREADS[d] || groups > MOST_GROUPS[d]) {
        throw refused(
            device,
            task,
            "dimension %d has %d groups of %d work-items, and takes at most %d groups of %d"
                .formatted(d, groups, threads, MOST_GROUPS[d], MOST_THREADS[d]));
      }
    }
    return range;
  }

  private static Range grouped(KernelOp task, int most) {
    List<Long> global = task.range().global();
    long[] local = new long[global.size()];
    Arrays.fill(local, 1);
    long first = Math.min(most, global.get(0));
    while (global.get(0) % first != 0) {
      first--;
    }
    local[0] = first;
    if (first < WARP && global.get(0) > WARP) {
      LoggerFactory.getLogger(TaskKernel.class)
          .warn(
              "task \"{}\": {} has no divisor near {}, so groups are of {} and leave most of the"
                  + " GPU idle; give Range.covering and let the kernel leave out what is past the"
                  + " end",
              task.task(),
              task.range(),
              most,
              first);
    }
    return task.range().withLocal(local);
  }

  private static RangeException refused(String device, KernelOp task, String reason) {
    Range range = task.range();
    return new RangeException(
        "task \"%s\", kernel %s over %s on %s: %s; give such a size to Range.withLocal"
            .formatted(task.task(), task.kernel().name(), range, device, reason),
        range.global(),
        range.local());
  }
}
