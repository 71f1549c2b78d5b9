package dev.lamina.opencl;

import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceLostException;
import dev.lamina.device.DeviceOutOfMemoryException;
import java.util.Set;
import java.util.function.Supplier;
import org.jocl.CL;
import org.jocl.CLException;
import org.slf4j.LoggerFactory;

/** Turns the binding's exceptions into the contract's, with what was tried. */
final class Failures {
  /** What NVIDIA's driver answers after a kernel has touched memory that is not its own. */
  private static final int ILLEGAL_ACCESS = -9999;

  /** After these the context answers nothing else any more. */
  private static final Set<Integer> LOST =
      Set.of(
          CL.CL_DEVICE_NOT_AVAILABLE,
          CL.CL_INVALID_DEVICE,
          CL.CL_INVALID_CONTEXT,
          CL.CL_INVALID_COMMAND_QUEUE,
          ILLEGAL_ACCESS);

  private Failures() {}

  static <T> T wrap(String device, String what, Supplier<T> call) {
    try {
      return call.get();
    } catch (CLException failure) {
      throw of(device, what, failure);
    }
  }

  static void run(String device, String what, Runnable call) {
    wrap(
        device,
        what,
        () -> {
          call.run();
          return null;
        });
  }

  /** Releases something; what the driver says against it is logged, so that closing goes on. */
  static void release(String device, String what, Runnable call) {
    try {
      call.run();
    } catch (CLException failure) {
      LoggerFactory.getLogger(Failures.class)
          .warn("closing: {}", of(device, "releasing " + what, failure).getMessage());
    }
  }

  static DeviceException of(String device, String what, CLException failure) {
    return of(device, what, failure, "");
  }

  static DeviceException of(String device, String what, CLException failure, String more) {
    String code = CL.stringFor_errorCode(failure.getStatus());
    String message =
        device + ": " + what + " failed with " + code + (more.isEmpty() ? "" : "; " + more);
    if (LOST.contains(failure.getStatus())) {
      return new DeviceLostException(
          message
              + ": the device is lost with all that it held, by a driver that was reset or a kernel"
              + " that broke it; start a new process, and see the system's log if it happens again",
          failure);
    }
    boolean memory =
        failure.getStatus() == CL.CL_MEM_OBJECT_ALLOCATION_FAILURE
            || failure.getStatus() == CL.CL_INVALID_BUFFER_SIZE
            || failure.getStatus() == CL.CL_OUT_OF_HOST_MEMORY;
    return memory
        ? new DeviceOutOfMemoryException(message + "; take a smaller batch or model")
        : new DeviceException(message, failure);
  }
}
