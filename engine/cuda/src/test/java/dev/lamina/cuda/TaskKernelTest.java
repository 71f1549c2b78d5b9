package dev.lamina.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Kernel;
import dev.lamina.device.KernelArgumentException;
import dev.lamina.device.KernelOp;
import dev.lamina.device.Range;
import dev.lamina.device.RangeException;
import dev.lamina.device.UnknownKernelException;
import dev.lamina.op.MatMul;
import dev.lamina.task.HostArray;
import dev.lamina.task.TaskGraph;
import dev.lamina.task.TaskPlan;
import dev.lamina.task.TransferMode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kernels of the user's on the stand-in for a GPU: what is launched and what is refused. */
class TaskKernelTest {
  private static final Kernel SCALE =
      Kernel.ofText("toy.cl", "KERNEL void scale(float alpha, GLOBAL float* x, long n) {}", "scale")
          .portable();

  @TempDir Path folder;

  private final HostArray a = HostArray.f32("a", 2, 2);
  private final HostArray b = HostArray.f32("b", 2, 2);
  private final HostArray c = HostArray.f32("c", 2, 2);

  private TaskGraph graph(Kernel kernel, Range range, Object... arguments) {
    return TaskGraph.named("toy")
        .toDevice(TransferMode.EVERY_EXECUTION, a, b)
        .libraryTask("gemm", new MatMul(), a, b, c)
        .task("scale", kernel, range, arguments)
        .toHost(TransferMode.EVERY_EXECUTION, c);
  }

  private void run(TaskGraph graph) {
    DryRun dry = DryRun.withMemory(1L << 30);
    try (CudaDevice device = dry.open(folder)) {
      try (TaskPlan plan = graph.on(device).build()) {
        plan.execute();
        plan.execute();
        assertEquals(2, dry.graphLaunches());
      }
    }
    dry.assertClean();
  }

  @Test
  void kernelBehindLibraryTaskIsOneGraph() {
    run(graph(SCALE, Range.of(4), 2f, c, 4L));
    run(graph(SCALE, Range.of(2, 2).withLocal(1, 2), 2f, c, 4L));
  }

  @Test
  void misfitsAreRefusedByWhatTheSourceDeclares() {
    KernelArgumentException type =
        assertThrows(KernelArgumentException.class, () -> run(graph(SCALE, Range.of(4), 2f, c, 4)));
    assertEquals(2, type.position());
    assertTrue(type.getMessage().contains("long n, has another type"), type.getMessage());
    KernelArgumentException count =
        assertThrows(KernelArgumentException.class, () -> run(graph(SCALE, Range.of(4), 2f)));
    assertEquals(KernelArgumentException.COUNT, count.position());
    Kernel misspelt = Kernel.ofText(SCALE.file(), SCALE.text(), "skale").portable();
    UnknownKernelException unknown =
        assertThrows(
            UnknownKernelException.class, () -> run(graph(misspelt, Range.of(4), 2f, c, 4L)));
    assertEquals(List.of("scale"), unknown.available());
  }

  @ParameterizedTest
  @CsvSource({"1000, 250", "1024, 256", "100, 100", "1009, 1", "97, 97"})
  void groupsAreTheLargestGoodDivisor(long items, long group) {
    assertEquals(group, range(Range.of(items), 1024).local().get(0));
  }

  @Test
  void groupsThatDoNotFitAreRefused() {
    assertEquals(List.of(64L, 1L), range(Range.of(128, 3), 64).local());
    RangeException threads =
        assertThrows(RangeException.class, () -> range(Range.of(512).withLocal(512), 256));
    assertTrue(threads.getMessage().contains("at most 256 fit"), threads.getMessage());
    RangeException groups =
        assertThrows(RangeException.class, () -> range(Range.of(1, 70_000).withLocal(1, 1), 1024));
    assertTrue(groups.getMessage().contains("70000 groups of 1"), groups.getMessage());
  }

  private static Range range(Range range, int mostThreads) {
    KernelOp task = new KernelOp("scale", SCALE, range, List.of(), 0);
    return TaskKernel.range("cuda:0", task, mostThreads);
  }
}
