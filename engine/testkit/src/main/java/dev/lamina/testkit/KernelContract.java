package dev.lamina.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Kernel;
import dev.lamina.device.KernelArgumentException;
import dev.lamina.device.KernelBuildException;
import dev.lamina.device.Range;
import dev.lamina.device.RangeException;
import dev.lamina.device.UnknownKernelException;
import dev.lamina.op.MatMul;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.task.HostArray;
import dev.lamina.task.TaskGraph;
import dev.lamina.task.TaskPlan;
import dev.lamina.task.TransferMode;
import org.junit.jupiter.api.Test;

/** Kernels of the user's: a device that compiles kernels runs them, others refuse them. */
abstract class KernelContract extends DeviceContract {
  private static final int GROUP = 32;

  private static final String TEXT =
      """
      // Sums of columns, a group for each, as a tree.
      KERNEL REQUIRED_GROUP(GROUP) void column_sums(
          GLOBAL const float* RESTRICT x, GLOBAL float* RESTRICT sums, int rows, int columns) {
        SHARED float parts[GROUP];
        float sum = 0.0f;
        for (int r = LOCAL_ID; r < rows; r += GROUP) {
          sum += x[r * columns + GROUP_ID];
        }
        parts[LOCAL_ID] = sum;
        SYNC_GROUP();
        for (int part = GROUP / 2; part > 0; part /= 2) {
          if (LOCAL_ID < part) {
            parts[LOCAL_ID] += parts[LOCAL_ID + part];
          }
          SYNC_GROUP();
        }
        if (LOCAL_ID == 0) {
          sums[GROUP_ID] = parts[0];
        }
      }

      // Each place of three dimensions notes where it is.
      KERNEL void places(GLOBAL int* to, GLOBAL const u8* from, float scale) {
        int i = (GLOBAL_ID_Z * GLOBAL_SIZE_Y + GLOBAL_ID_Y) * GLOBAL_SIZE + GLOBAL_ID;
        to[i] += 100 * GLOBAL_ID_Z + 10 * GLOBAL_ID_Y + GLOBAL_ID + (int) (scale * from[0]);
      }
      """;

  /** Says whether the device compiles kernels of the user's; if not, it must refuse them. */
  protected boolean compilesKernels() {
    return false;
  }

  private static Kernel kernel(String text, String name) {
    return Kernel.ofText("contract.cl", text, name).portable().define("GROUP", GROUP);
  }

  private TaskPlan plan(TaskGraph graph) {
    return graph.on(device()).withWarmUp(1).build();
  }

  private static TaskGraph task(Kernel kernel, Range range, Object... arguments) {
    return TaskGraph.named("contract").task("only", kernel, range, arguments);
  }

  /** Says whether the device runs the graph; one without a compiler must name what it refuses. */
  private boolean runs(TaskGraph graph, String task) {
    if (compilesKernels()) {
      return true;
    }
    UnsupportedOpException refused = assertThrows(UnsupportedOpException.class, () -> plan(graph));
    assertTrue(refused.getMessage().contains("task \"" + task + "\""), refused.getMessage());
    return false;
  }

  @Test
  void kernelsShareArraysWithLibraryTasks() {
    int rows = 67;
    int columns = 5;
    HostArray x = HostArray.f32("x", rows, columns);
    for (int i = 0; i < x.values().length; i++) {
      x.values()[i] = i % 7 - 3;
    }
    HostArray sums = HostArray.f32("sums", 1, columns);
    HostArray ones = HostArray.f32("ones", new float[] {1, 1, 1, 1, 1}, columns, 1);
    HostArray total = HostArray.f32("total", 1, 1);
    Range range = Range.of(columns * GROUP).withLocal(GROUP);
    TaskGraph graph =
        TaskGraph.named("sums")
            .toDevice(TransferMode.EVERY_EXECUTION, x)
            .toDevice(TransferMode.FIRST_EXECUTION, ones)
            .task("columns", kernel(TEXT, "column_sums"), range, x, sums, rows, columns)
            .libraryTask("total", new MatMul(), sums, ones, total)
            .toHost(TransferMode.EVERY_EXECUTION, sums, total);
    if (!runs(graph, "columns")) {
      return;
    }
    try (TaskPlan plan = plan(graph)) {
      for (int run = 0; run < 2; run++) {
        x.values()[0] += run;
        plan.execute();
        float[] expected = new float[columns];
        for (int i = 0; i < x.values().length; i++) {
          expected[i % columns] += x.values()[i];
        }
        assertArrayEquals(expected, sums.values());
        float all = 0;
        for (float sum : expected) {
          all += sum;
        }
        assertEquals(all, total.values()[0]);
      }
    }
  }

  @Test
  void kernelsRunInThreeDimensionsOnEveryType() {
    HostArray to = HostArray.i32("to", new int[3 * 2 * 4], 3, 2, 4);
    HostArray from = HostArray.u8("from", new byte[] {(byte) 200}, 1);
    TaskGraph graph =
        TaskGraph.named("places")
            .toDevice(TransferMode.EVERY_EXECUTION, to, from)
            .task("places", kernel(TEXT, "places"), Range.of(4, 2, 3), to, from, 5f)
            .toHost(TransferMode.EVERY_EXECUTION, to);
    if (!runs(graph, "places")) {
      return;
    }
    try (TaskPlan plan = plan(graph)) {
      plan.execute();
      plan.execute();
    }
    for (int i = 0; i < to.ints().length; i++) {
      assertEquals(2 * (100 * (i / 8) + 10 * (i / 4 % 2) + i % 4 + 1000), to.ints()[i], "at " + i);
    }
  }

  @Test
  void misfitsAreTyped() {
    HostArray to = HostArray.i32("to", new int[4], 4);
    HostArray from = HostArray.u8("from", new byte[4], 4);
    Range four = Range.of(4);
    Kernel places = kernel(TEXT, "places");
    if (!runs(task(places, four, to, from, 5f), "only")) {
      return;
    }
    refused(KernelArgumentException.class, task(places, four, to, from), "takes 3 arguments");
    refused(KernelArgumentException.class, task(places, four, to, from, 5), "float scale");
    refused(KernelArgumentException.class, task(places, four, to, to, 5f), "uchar* from");
    refused(UnknownKernelException.class, task(kernel(TEXT, "place"), four), "column_sums, places");
    refused(
        RangeException.class,
        task(places, Range.of(1 << 20).withLocal(1 << 20), to, from, 5f),
        "1048576 work-items");
    refused(
        RangeException.class, task(places, Range.of(1L << 31), to, from, 5f), "portable kernels");
    Kernel broken = kernel(TEXT.replace("scale * from", "scail * from"), "places");
    KernelBuildException failure =
        refused(KernelBuildException.class, task(broken, four, to, from, 5f), "scail");
    assertEquals("contract.cl", failure.file());
    assertEquals(25, failure.line());
  }

  private <E extends Exception> E refused(Class<E> type, TaskGraph graph, String part) {
    E failure = assertThrows(type, () -> plan(graph).close());
    assertTrue(failure.getMessage().contains(part), failure.getMessage());
    return failure;
  }
}
