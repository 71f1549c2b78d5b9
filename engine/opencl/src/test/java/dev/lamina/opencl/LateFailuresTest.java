package dev.lamina.opencl;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceLostException;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.Launch;
import dev.lamina.device.OpCall;
import dev.lamina.device.Phase;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Replay;
import dev.lamina.op.Relu;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import org.jocl.CL;
import org.jocl.cl_event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Work that fails after it was enqueued. Events that we end ourselves stand for it: PoCL 3.1 aborts
 * the process where a command waits for one that failed.
 */
class LateFailuresTest {
  private static final TensorSpec SPEC = TensorSpec.f32(16);

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
    device = new OpenClDevice(Hardware.all().get(0), DeviceOptions.defaults(), true);
    arena = device.arena("test");
    OpenClBuffer input = arena.allocate("x", SPEC.bytes());
    OpenClBuffer output = arena.allocate("y", SPEC.bytes());
    OpCall call = OpCall.of(new Relu(), 1, SPEC);
    relu = device.prepare(call, device.ways(call).get(0));
    Launch launch = relu.bind(List.of(input), List.of(output), null);
    replay = device.record(List.of(new Phase("step", List.of(List.of(launch)))));
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

  /** Returns an event of the compute stream whose work has ended in that state. */
  private OpenClEvent ended(int status) {
    cl_event event = CL.clCreateUserEvent(device.context(), null);
    CL.clSetUserEventStatus(event, status);
    return new OpenClEvent(device.compute(), event);
  }

  private static void assertSays(DeviceException failure, String... parts) {
    for (String part : parts) {
      assertTrue(failure.getMessage().contains(part), failure.getMessage());
    }
  }

  @Test
  void nextSyncThrowsTheFirstFailureOnce() {
    device.compute().launch(replay);
    assertTrue(ended(CL.CL_OUT_OF_RESOURCES).done());
    assertTrue(ended(CL.CL_INVALID_VALUE).done());
    DeviceException failure = assertThrows(DeviceException.class, device.compute()::sync);
    assertEquals(DeviceException.class, failure.getClass());
    assertSays(failure, "opencl:0: work up to the launch of step failed with CL_OUT_OF_RESOURCES");
    assertSays(failure, "-Dlamina.opencl.sync=each");
    assertDoesNotThrow(device.compute()::sync);
  }

  @Test
  void whoeverWaitsForThePointIsTold() {
    OpenClEvent event = ended(CL.CL_DEVICE_NOT_AVAILABLE);
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
    device.compute().launch(replay);
    ended(CL.CL_OUT_OF_RESOURCES).done();
    DeviceException failure = assertThrows(DeviceException.class, device.compute()::sync);
    assertSays(failure, "opencl:0: relu", " for Relu", "failed with CL_OUT_OF_RESOURCES");
    assertFalse(failure.getMessage().contains("-D"), failure.getMessage());
  }

  /** Closing in a try block must not hide what went wrong inside it. */
  @Test
  void closingDoesNotThrow() {
    ended(CL.CL_OUT_OF_RESOURCES).done();
    assertDoesNotThrow(this::close);
    device = null;
  }
}
