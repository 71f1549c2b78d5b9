package dev.lamina.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceLostException;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.DeviceOutOfMemoryException;
import dev.lamina.device.KernelBuildException;
import dev.lamina.kernels.KernelSource;
import java.util.List;
import java.util.Map;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_command_queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the device says when the driver refuses. */
class FailuresTest {
  /** The names of codes are in JOCL's class that loads the loader. */
  private static DeviceException answered(int status) {
    FirstDevice.require();
    return Failures.of("opencl:0", "launching relu", new CLException("refused", status));
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        CL.CL_DEVICE_NOT_AVAILABLE,
        CL.CL_INVALID_DEVICE,
        CL.CL_INVALID_CONTEXT,
        CL.CL_INVALID_COMMAND_QUEUE,
        -9999
      })
  void deviceThatVanishesIsLost(int status) {
    DeviceException lost = answered(status);
    assertEquals(DeviceLostException.class, lost.getClass());
    for (String part : List.of("opencl:0: launching relu", "lost", "start a new process")) {
      assertTrue(lost.getMessage().contains(part), lost.getMessage());
    }
  }

  @Test
  void otherAnswersLoseNothing() {
    assertEquals(DeviceException.class, answered(CL.CL_INVALID_VALUE).getClass());
    DeviceException memory = answered(CL.CL_MEM_OBJECT_ALLOCATION_FAILURE);
    assertEquals(DeviceOutOfMemoryException.class, memory.getClass());
  }

  /** A queue that the driver does not know stands in for one whose device has gone. */
  @Test
  void queueThatIsGoneIsReported() {
    FirstDevice.require();
    try (OpenClDevice device =
        new OpenClDevice(Hardware.all().get(0), DeviceOptions.defaults(), true)) {
      OpenClStream gone =
          new OpenClStream(
              device,
              new cl_command_queue(),
              OpenClDevice.LARGEST_INLINE,
              OpenClStream.Marker.PLAIN);
      DeviceLostException lost = assertThrows(DeviceLostException.class, gone::sync);
      assertTrue(lost.getMessage().contains("CL_INVALID_COMMAND_QUEUE"), lost.getMessage());
    }
  }

  /** Without its defines a tile has no size. */
  @Test
  void kernelOfOursThatDoesNotCompileNamesFileAndLine() {
    FirstDevice.require();
    try (OpenClDevice device =
        new OpenClDevice(Hardware.all().get(0), DeviceOptions.defaults(), true)) {
      KernelSource broken = new KernelSource(List.of("gemm.cl"), Map.of());
      KernelBuildException failure =
          assertThrows(KernelBuildException.class, () -> device.programs().get(broken));
      assertEquals("gemm.cl", failure.file());
      assertTrue(failure.line() > 1, failure.getMessage());
      assertTrue(failure.log().contains("gemm.cl:" + failure.line()), failure.log());
      assertTrue(failure.getMessage().contains("opencl:0"), failure.getMessage());
    }
  }
}
