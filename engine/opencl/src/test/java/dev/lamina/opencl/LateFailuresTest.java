package dev.lamina.opencl;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceLostException;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.Event;
import dev.lamina.device.Launch;
import dev.lamina.device.OpCall;
import dev.lamina.device.Phase;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Replay;
import dev.lamina.op.Relu;
import dev.lamina.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jocl.CL;
import org.jocl.cl_command_queue;
import org.jocl.cl_event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Work that fails after it was enqueued. Events that we end ourselves stand in for those of the
 * driver: PoCL 3.1 aborts the process where a command waits for one that failed.
 */
class LateFailuresTest {
  private static final TensorSpec SPEC = TensorSpec.f32(16);

  /** States in which the next points to be marked have ended; then come those of the driver. */
  private final Deque<Integer> ends = new ArrayDeque<>();

  @TempDir Path cache;

  private OpenClDevice device;
  private OpenClArena arena;
  private PreparedOp relu;
  private Replay replay;

  @BeforeEach
  void openDevice() {
    FirstDevice.require();
    open();
  }

  private void open() {
    device =
        new OpenClDevice(
            Hardware.all().get(0),
            DeviceOptions.defaults(),
            true,
            OpenClDevice.LARGEST_INLINE,
            BufferSource.ZEROED,
            this::mark,
            cache);
    arena = device.arena("test");
    OpenClBuffer input = arena.allocate("x", SPEC.bytes());
    OpenClBuffer output = arena.allocate("y", SPEC.bytes());
    OpCall call = OpCall.of(new Relu(), 1, SPEC);
    relu = device.prepare(call, device.ways(call).get(0));
    Launch first = relu.bind(List.of(input), List.of(output), null);
    Launch second = relu.bind(List.of(output), List.of(input), null);
    replay = device.record(List.of(new Phase("step", List.of(List.of(first, second)))));
  }

  @AfterEach
  void close() {
    System.clearProperty(OpenClDevice.SYNC);
    if (device != null) {
      replay.close();
      relu.close();
      arena.close();
      device.close();
    }
  }

  private cl_event mark(cl_command_queue queue) {
    if (ends.isEmpty()) {
      return OpenClStream.Marker.PLAIN.enqueue(queue);
    }
    cl_event event = CL.clCreateUserEvent(device.context(), null);
    CL.clSetUserEventStatus(event, ends.remove());
    return event;
  }

  private static void assertSays(DeviceException failure, String... parts) {
    for (String part : parts) {
      assertTrue(failure.getMessage().contains(part), failure.getMessage());
    }
  }

  @Test
  void nextSyncThrowsTheFirstFailureOnce() {
    device.compute().launch(replay);
    ends.addAll(List.of(CL.CL_OUT_OF_RESOURCES, CL.CL_INVALID_VALUE));
    assertTrue(device.compute().record().done());
    DeviceException failure = assertThrows(DeviceException.class, device.compute()::sync);
    assertEquals(DeviceException.class, failure.getClass());
    assertSays(failure, "opencl:0: work up to the launch of step failed with CL_OUT_OF_RESOURCES");
    assertSays(failure, "-Dlamina.opencl.sync=each");
    assertDoesNotThrow(device.compute()::sync);
  }

  @Test
  void syncThrowsWhatItWaitedFor() {
    device.compute().launch(replay);
    ends.add(CL.CL_OUT_OF_RESOURCES);
    assertThrows(DeviceException.class, device.compute()::sync);
    assertDoesNotThrow(device.compute()::sync);
  }

  @Test
  void whoeverWaitsForThePointIsTold() {
    ends.add(CL.CL_DEVICE_NOT_AVAILABLE);
    Event event = device.compute().record();
    for (int time = 0; time < 2; time++) {
      DeviceException failure = assertThrows(DeviceLostException.class, event::await);
      assertSays(failure, "CL_DEVICE_NOT_AVAILABLE", "start a new process");
    }
    assertThrows(DeviceLostException.class, device.compute()::sync);
  }

  @Test
  void oneByOneTheKernelIsNamed() {
    close();
    System.setProperty(OpenClDevice.SYNC, "each");
    open();
    ends.addAll(List.of(CL.CL_COMPLETE, CL.CL_OUT_OF_RESOURCES));
    DeviceException failure =
        assertThrows(DeviceException.class, () -> device.compute().launch(replay));
    assertSays(failure, "opencl:0: relu", " for Relu", "failed with CL_OUT_OF_RESOURCES");
    assertTrue(ends.isEmpty());
    ends.add(CL.CL_OUT_OF_RESOURCES);
    assertThrows(DeviceException.class, () -> device.compute().launch(replay));
    assertTrue(ends.isEmpty(), "the second kernel was launched after the first had failed");
    assertFalse(failure.getMessage().contains("-D"), failure.getMessage());
  }

  /** What a loader waits for must not keep the thread that submits from looking at it. */
  @Test
  void waitingForAPointKeepsNobodyFromAskingForIt() throws Exception {
    cl_event unfinished = CL.clCreateUserEvent(device.context(), null);
    CL.clRetainEvent(unfinished);
    OpenClEvent event = new OpenClEvent(device.copy(), unfinished);
    CountDownLatch started = new CountDownLatch(1);
    CompletableFuture<Void> waiting =
        CompletableFuture.runAsync(
            () -> {
              started.countDown();
              event.await();
            },
            LateFailuresTest::inThread);
    try {
      started.await();
      Thread.sleep(200); // nothing tells that a thread waits inside the driver
      CompletableFuture<Boolean> asked =
          CompletableFuture.supplyAsync(event::done, LateFailuresTest::inThread);
      assertFalse(asked.get(30, TimeUnit.SECONDS));
      assertFalse(waiting.isDone());
    } finally {
      CL.clSetUserEventStatus(unfinished, CL.CL_COMPLETE);
      CL.clReleaseEvent(unfinished);
    }
    waiting.get(30, TimeUnit.SECONDS);
    assertTrue(event.done());
  }

  /** The common pool has one thread on two cores, and the first task keeps it. */
  private static void inThread(Runnable task) {
    new Thread(task, "test").start();
  }

  /** The driver's answer for an event that it does not know stands in for other refusals. */
  @Test
  void refusalsAreTheContractsExceptions() {
    OpenClEvent unknown = new OpenClEvent(device.copy(), new cl_event());
    assertSays(assertThrows(DeviceException.class, unknown::done), "asking for an event");
    assertThrows(DeviceException.class, unknown::await);
  }

  /** Closing in a try block must not hide what went wrong inside it. */
  @Test
  void closingDoesNotThrow() {
    ends.add(CL.CL_OUT_OF_RESOURCES);
    device.compute().record();
    assertDoesNotThrow(this::close);
    device = null;
  }
}
