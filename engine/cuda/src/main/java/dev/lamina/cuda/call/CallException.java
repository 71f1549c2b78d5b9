package dev.lamina.cuda.call;

import dev.lamina.device.DeviceException;
import java.util.Set;

/** A library's call that was answered with an error. */
public final class CallException extends DeviceException {
  private static final long serialVersionUID = 1L;

  private static final String OUT_OF_MEMORY = "CUDA_ERROR_OUT_OF_MEMORY";

  /** After these the context answers every call with the same error: only a new process helps. */
  private static final Set<String> STICKY =
      Set.of(
          "CUDA_ERROR_ILLEGAL_ADDRESS",
          "CUDA_ERROR_LAUNCH_TIMEOUT",
          "CUDA_ERROR_LAUNCH_FAILED",
          "CUDA_ERROR_HARDWARE_STACK_ERROR",
          "CUDA_ERROR_ILLEGAL_INSTRUCTION",
          "CUDA_ERROR_MISALIGNED_ADDRESS",
          "CUDA_ERROR_INVALID_ADDRESS_SPACE",
          "CUDA_ERROR_INVALID_PC",
          "CUDA_ERROR_ASSERT",
          "CUDA_ERROR_ECC_UNCORRECTABLE",
          "CUDA_ERROR_NVLINK_UNCORRECTABLE",
          "CUDA_ERROR_CONTEXT_IS_DESTROYED",
          "CUDA_ERROR_UNKNOWN");

  private final String code;

  /**
   * Makes the exception.
   *
   * @param call the function's name
   * @param code the error's name
   */
  public CallException(String call, String code) {
    super(call + " failed with " + code);
    this.code = code;
  }

  /** Says whether device memory was too small. */
  public boolean outOfMemory() {
    return code.equals(OUT_OF_MEMORY);
  }

  /** Says whether the context is lost with all that it holds. */
  public boolean sticky() {
    return STICKY.contains(code);
  }
}
