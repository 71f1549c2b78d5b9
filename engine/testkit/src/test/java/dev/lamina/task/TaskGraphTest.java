package dev.lamina.task;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceException;
import dev.lamina.device.Kernel;
import dev.lamina.device.KernelArgumentException;
import dev.lamina.device.Range;
import dev.lamina.device.RangeException;
import dev.lamina.op.MatMul;
import dev.lamina.op.Relu;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.tensor.ShapeException;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import dev.lamina.testkit.ReferenceWay;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TaskGraphTest {
  private final HostArray a = HostArray.f32("a", new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
  private final HostArray b = HostArray.f32("b", new float[] {1, -1, 2, -2, 3, -3}, 3, 2);
  private final HostArray c = HostArray.f32("c", 2, 2);
  private final HostArray d = HostArray.f32("d", 2, 2);

  private TaskGraph product() {
    return TaskGraph.named("product")
        .toDevice(TransferMode.FIRST_EXECUTION, a)
        .toDevice(TransferMode.EVERY_EXECUTION, b)
        .libraryTask("gemm", new MatMul(), a, b, c)
        .libraryTask("relu", new Relu(), c, d)
        .toHost(TransferMode.EVERY_EXECUTION, d)
        .toHost(TransferMode.UNDER_DEMAND, c);
  }

  @Test
  void arraysMoveWhenTheirModeSays() {
    for (ReferenceOptions options :
        List.of(
            ReferenceOptions.defaults(),
            ReferenceOptions.defaults().likeGpu(),
            ReferenceOptions.defaults().withWays(ReferenceWay.REVERSED))) {
      a.values()[0] = 1;
      b.values()[0] = 1;
      c.values()[0] = -99;
      try (Device device = ReferenceDevice.open(options);
          TaskPlan plan = product().on(device).withWarmUp(2).build()) {
        ExecutionResult result = plan.execute();
        assertArrayEquals(new float[] {14, 0, 32, 0}, d.values());
        assertEquals(-99, c.values()[0]);
        plan.fetch(c);
        assertArrayEquals(new float[] {14, -14, 32, -32}, c.values());
        assertFalse(result.isProfiled());
        assertThrows(IllegalStateException.class, result::profile);
        assertTrue(result.nanos() > 0);
        a.values()[0] = 1000;
        b.values()[0] = 2;
        plan.execute();
        assertArrayEquals(new float[] {15, 0, 36, 0}, d.values());
      }
    }
  }

  @Test
  void functionsInJavaRunWhereMemoryIsShared() {
    HostArray sum = HostArray.f32("sum", 1);
    TaskGraph graph =
        TaskGraph.named("sum")
            .toDevice(TransferMode.EVERY_EXECUTION, a)
            .javaTask(
                "add",
                arrays -> {
                  float total = arrays.get(1).get(0);
                  for (int i = 0; i < 6; i++) {
                    total += arrays.get(0).get(i);
                  }
                  arrays.get(1).put(0, total);
                },
                a,
                sum)
            .toHost(TransferMode.EVERY_EXECUTION, sum);
    try (Device device = ReferenceDevice.open();
        TaskPlan plan = graph.on(device).build()) {
      plan.execute();
      plan.execute();
      assertEquals(42, sum.values()[0]);
    }
    try (Device device = ReferenceDevice.open(ReferenceOptions.defaults().likeGpu())) {
      DeviceException refused = assertThrows(DeviceException.class, () -> graph.on(device).build());
      assertTrue(refused.getMessage().contains("java task \"add\""), refused.getMessage());
    }
  }

  @Test
  @Timeout(60)
  void aPlanWaitsForTheTurnOfOthers() throws Exception {
    try (Device device = ReferenceDevice.open()) {
      FutureTask<float[]> task =
          new FutureTask<>(
              () -> {
                try (TaskPlan plan = product().on(device).withWarmUp(1).build()) {
                  plan.execute();
                }
                return d.values();
              });
      device.turn().lock();
      try {
        new Thread(task, "builder").start();
        while (!device.turn().hasQueuedThreads() && !task.isDone()) {
          Thread.onSpinWait();
        }
      } finally {
        device.turn().unlock();
      }
      assertArrayEquals(new float[] {14, 0, 32, 0}, task.get());
    }
  }

  @Test
  void devicesWithoutACompilerNameEveryKernelTheyCannotRun() {
    Kernel kernel = Kernel.ofText("toy.cl", "", "toy");
    TaskGraph graph =
        product().task("one", kernel, Range.of(4), c, 1f).task("two", kernel, Range.of(4), d);
    try (Device device = ReferenceDevice.open()) {
      UnsupportedOpException missing =
          assertThrows(UnsupportedOpException.class, () -> graph.on(device).build());
      for (String part : List.of("task \"one\"", "task \"two\"", "opencl:0", "javaTask")) {
        assertTrue(missing.getMessage().contains(part), missing.getMessage());
      }
    }
    KernelArgumentException refused =
        assertThrows(
            KernelArgumentException.class,
            () -> TaskGraph.named("odd").task("one", kernel, Range.of(4), c, "text"));
    assertEquals(1, refused.position());
    assertThrows(RangeException.class, () -> Range.of(1000).withLocal(64));
    assertEquals(1024, Range.covering(1000, 64).items());
    HostArray ints = HostArray.i32("ints", new int[4], 4);
    assertThrows(
        IllegalArgumentException.class,
        () -> TaskGraph.named("odd").javaTask("one", arrays -> {}, ints));
    assertThrows(IllegalArgumentException.class, () -> Kernel.of("no/such/file.cl", "toy"));
  }

  @Test
  void misfitsAreRefusedWithTheTasksName() {
    ShapeException misfit =
        assertThrows(
            ShapeException.class,
            () -> TaskGraph.named("bad").libraryTask("gemm", new MatMul(), a, a, c));
    assertTrue(misfit.getMessage().contains("\"gemm\" in task graph bad"), misfit.getMessage());
    assertTrue(
        misfit.getMessage().contains("as 2 inputs: matmul: inner extents differ (a f32[2,3]"),
        misfit.getMessage());
    misfit =
        assertThrows(
            ShapeException.class,
            () -> TaskGraph.named("bad").libraryTask("gemm", new MatMul(), a, b, a));
    assertTrue(
        misfit.getMessage().contains("the outputs are [f32[2,2]], not [f32[2,3]]"),
        misfit.getMessage());
    assertThrows(ShapeException.class, () -> HostArray.f32("e", new float[5], 2, 3));
    HostArray twin = HostArray.f32("a", 2, 3);
    assertThrows(
        IllegalArgumentException.class,
        () -> TaskGraph.named("twins").toDevice(TransferMode.EVERY_EXECUTION, a, twin));
    assertThrows(
        IllegalArgumentException.class,
        () -> TaskGraph.named("late").toDevice(TransferMode.UNDER_DEMAND, a));
    try (Device device = ReferenceDevice.open()) {
      TaskGraph twice =
          TaskGraph.named("twice")
              .libraryTask("relu", new Relu(), c, d)
              .libraryTask("relu", new Relu(), d, c);
      assertThrows(IllegalArgumentException.class, () -> twice.on(device).build());
    }
  }
}
