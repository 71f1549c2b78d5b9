package dev.lamina.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Device;
import dev.lamina.device.Kernel;
import dev.lamina.device.KernelArgumentException;
import dev.lamina.device.KernelBuildException;
import dev.lamina.device.Range;
import dev.lamina.device.RangeException;
import dev.lamina.device.UnknownKernelException;
import dev.lamina.op.MatMul;
import dev.lamina.task.HostArray;
import dev.lamina.task.TaskGraph;
import dev.lamina.task.TaskPlan;
import dev.lamina.task.TransferMode;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kernels of the user's on OpenCL: what they compute, and what is said where they do not fit. */
class TaskKernelTest {
  private static final String PLAIN =
      """
      __kernel void saxpy(float alpha, __global const float* x, __global float* y) {
        int i = get_global_id(0);
        y[i] = alpha * x[i] + y[i];
      }
      """;

  private static final String PORTABLE =
      """
      KERNEL void saxpy(float alpha, GLOBAL const float* RESTRICT x, GLOBAL float* RESTRICT y) {
        y[GLOBAL_ID] = alpha * x[GLOBAL_ID] + y[GLOBAL_ID];
      }
      """;

  private static Device device;

  private final HostArray x = HostArray.f32("x", new float[] {1, 2, 3, 4}, 4);
  private final HostArray y = HostArray.f32("y", new float[] {10, 20, 30, 40}, 4);

  @BeforeAll
  static void open() {
    device = FirstDevice.open();
  }

  @AfterAll
  static void close() {
    if (device != null) {
      device.close();
    }
  }

  private static Kernel kernel(String text, String name) {
    return Kernel.ofText("toy.cl", text, name);
  }

  private TaskGraph graph(Kernel kernel, Range range, Object... arguments) {
    return TaskGraph.named("toy")
        .toDevice(TransferMode.EVERY_EXECUTION, x, y)
        .task("run", kernel, range, arguments)
        .toHost(TransferMode.EVERY_EXECUTION, y);
  }

  private static void run(TaskGraph graph) {
    try (TaskPlan plan = graph.on(device).withWarmUp(1).build()) {
      plan.execute();
    }
  }

  private static <E extends Exception> E refused(Class<E> type, TaskGraph graph, String... parts) {
    E failure = assertThrows(type, () -> run(graph));
    for (String part : parts) {
      assertTrue(failure.getMessage().contains(part), part + ": " + failure.getMessage());
    }
    return failure;
  }

  @Test
  void plainAndPortableKernelsCompute() {
    run(graph(kernel(PLAIN, "saxpy"), Range.of(4), 2f, x, y));
    assertArrayEquals(new float[] {12, 24, 36, 48}, y.values());
    run(graph(kernel(PORTABLE, "saxpy").portable(), Range.of(4).withLocal(2), 2f, x, y));
    assertArrayEquals(new float[] {14, 28, 42, 56}, y.values());
  }

  @Test
  void everyKindOfArgumentInThreeDimensionsArrives() {
    HostArray ints = HostArray.i32("ints", new int[24], 2, 3, 4);
    HostArray bytes = HostArray.u8("bytes", new byte[] {(byte) 200, 7}, 2);
    Kernel kernel =
        kernel(
                """
                KERNEL void blend(GLOBAL int* to, GLOBAL const u8* from, long wide, int factor) {
                  int i = (GLOBAL_ID_Z * GLOBAL_SIZE_Y + GLOBAL_ID_Y) * GLOBAL_SIZE + GLOBAL_ID;
                  to[i] = FIRST + i * factor + from[0] + (int) (wide >> 32);
                }
                """,
                "blend")
            .portable()
            .define("FIRST", 1000);
    run(
        TaskGraph.named("blend")
            .toDevice(TransferMode.FIRST_EXECUTION, bytes)
            .task("blend", kernel, Range.of(4, 3, 2).withLocal(2, 1, 1), ints, bytes, 5L << 32, 3)
            .toHost(TransferMode.EVERY_EXECUTION, ints));
    int[] expected = new int[24];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = 1000 + 3 * i + 200 + 5;
    }
    assertArrayEquals(expected, ints.ints());
  }

  @Test
  void doublesArriveWhereTheDriverHasThem() {
    run(
        graph(
            kernel(
                "__kernel void k(double d, __global float* y) { y[0] = (float) (d * 3.0); }", "k"),
            Range.of(1),
            0.5,
            y));
    assertEquals(1.5f, y.values()[0]);
  }

  @Test
  void kernelsAndLibraryTasksShareArrays() {
    HostArray a = HostArray.f32("a", new float[] {1, 2, 3, 4}, 2, 2);
    HostArray b = HostArray.f32("b", new float[] {0, 1, 1, 0}, 2, 2);
    HostArray c = HostArray.f32("c", 2, 2);
    run(
        TaskGraph.named("swap")
            .toDevice(TransferMode.FIRST_EXECUTION, a, b)
            .libraryTask("gemm", new MatMul(), a, b, c)
            .task("twice", kernel(PLAIN, "saxpy"), Range.of(4), 1f, c, c)
            .toHost(TransferMode.EVERY_EXECUTION, c));
    assertArrayEquals(new float[] {4, 2, 8, 6}, c.values());
  }

  @Test
  void requiredGroupsAreTaken() {
    String text = "KERNEL REQUIRED_GROUP(2) void k(GLOBAL float* y) { y[GLOBAL_ID] = LOCAL_ID; }";
    run(graph(kernel(text, "k").portable(), Range.of(4), y));
    assertArrayEquals(new float[] {0, 1, 0, 1}, y.values());
    RangeException refused =
        refused(
            RangeException.class,
            graph(kernel(text, "k").portable(), Range.of(4).withLocal(4), y),
            "task \"run\", kernel k over [4] in groups of [4]",
            "requires groups of [2]");
    assertEquals(List.of(4L), refused.local());
  }

  @Test
  void groupsThatAreTooLargeAreRefused() {
    refused(
        RangeException.class,
        graph(kernel(PLAIN, "saxpy"), Range.of(1 << 20).withLocal(1 << 20), 2f, x, y),
        "a group has 1048576 work-items",
        "Range.withLocal");
  }

  @Test
  void textThatDoesNotCompileNamesFileAndLine() {
    KernelBuildException failure =
        refused(
            KernelBuildException.class,
            graph(kernel(PLAIN.replace("x[i] +", "z[i] +"), "saxpy"), Range.of(4), 2f, x, y),
            "opencl:0: toy.cl does not compile: toy.cl, line 3");
    assertEquals("toy.cl", failure.file());
    assertEquals(3, failure.line());
    assertTrue(failure.error().contains("'z'"), failure.error());
  }

  @Test
  void unknownKernelsAreAnsweredWithTheKnown() {
    UnknownKernelException unknown =
        refused(
            UnknownKernelException.class,
            graph(kernel(PLAIN + "__kernel void other() {}", "sakspy"), Range.of(4), 2f, x, y),
            "task \"run\": toy.cl has no kernel sakspy; it has saxpy, other");
    assertEquals(List.of("saxpy", "other"), unknown.available());
  }

  @Test
  void wrongCountsAndTypesAreRefusedByPosition() {
    Kernel saxpy = kernel(PLAIN, "saxpy");
    Range four = Range.of(4);
    KernelArgumentException count =
        refused(
            KernelArgumentException.class,
            graph(saxpy, four, 2f, x),
            "task \"run\", kernel saxpy: takes 3 arguments, but got 2",
            "[float alpha, float* x, float* y]");
    assertEquals(KernelArgumentException.COUNT, count.position());
    KernelArgumentException type =
        refused(
            KernelArgumentException.class,
            graph(saxpy, four, 2, x, y),
            "argument 0, float alpha, has another type",
            "2 of type Integer",
            "give the Java type Float");
    assertEquals(0, type.position());
    HostArray ints = HostArray.i32("ints", new int[4], 4);
    refused(
        KernelArgumentException.class,
        graph(saxpy, four, 2f, ints, y),
        "argument 1, float* x, has other elements",
        "ints i32[4]",
        "give an array of float");
    refused(KernelArgumentException.class, graph(saxpy, four, x, x, y), "float alpha, is a number");
    refused(KernelArgumentException.class, graph(saxpy, four, 2f, 3f, y), "float* x, is an array");
    Kernel local = kernel("__kernel void k(__local float* s) {}", "k");
    refused(KernelArgumentException.class, graph(local, four, x), "declare it in the kernel");
    Kernel typedef = kernel("typedef float real; __kernel void k(real r) {}", "k");
    refused(
        KernelArgumentException.class,
        graph(typedef, four, 2f),
        "argument 0, real r, has another type",
        "declare the parameter as int, long, float or double");
  }

  @Test
  void arraysThatAreTooSmallAreRefused() {
    Kernel saxpy = kernel(PLAIN, "saxpy").requiring("x", 5);
    refused(
        KernelArgumentException.class,
        graph(saxpy, Range.of(4), 2f, x, y),
        "float* x, needs 5 elements, but got array x f32[4]");
    refused(
        KernelArgumentException.class,
        graph(kernel(PLAIN, "saxpy").requiring("z", 5), Range.of(4), 2f, x, y),
        "requires elements of z, but has only [float alpha");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nothingLeaksWhereTheSecondTaskFails(boolean compiles) {
    String text = compiles ? "__kernel void k(int n) {}" : "nonsense";
    TaskGraph graph =
        graph(kernel(PLAIN, "saxpy"), Range.of(4), 2f, x, y)
            .task("second", kernel(text, "k"), Range.of(4), 1f);
    try (Device own = FirstDevice.openWithTiles()) {
      assertThrows(RuntimeException.class, () -> graph.on(own).build());
    }
  }
}
