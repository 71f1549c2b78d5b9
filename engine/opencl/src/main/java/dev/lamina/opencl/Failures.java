package dev.lamina.opencl;

import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceOutOfMemoryException;
import java.util.function.Supplier;
import org.jocl.CL;
import org.jocl.CLException;

/** Turns the binding's exceptions into the contract's, with what was tried. */
final class Failures {
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

  static DeviceException of(String device, String what, CLException failure) {
    String code = CL.stringFor_errorCode(failure.getStatus());
    String message = device + ": " + what + " failed with " + code;
    boolean memory =
        failure.getStatus() == CL.CL_MEM_OBJECT_ALLOCATION_FAILURE
            || failure.getStatus() == CL.CL_INVALID_BUFFER_SIZE
            || failure.getStatus() == CL.CL_OUT_OF_HOST_MEMORY;
    return memory
        ? new DeviceOutOfMemoryException(message + "; take a smaller batch or model")
        : new DeviceException(message, failure);
  }
}
