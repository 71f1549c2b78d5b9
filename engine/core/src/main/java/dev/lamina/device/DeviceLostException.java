package dev.lamina.device;

/**
 * A device that is gone with all that it held: it was unplugged, its driver was reset, or a kernel
 * broke its context. Nothing can be read from it any more; only a new process may use it again.
 */
public final class DeviceLostException extends DeviceException {
  private static final long serialVersionUID = 1L;

  /** Makes the exception with a full sentence for the user and its cause. */
  public DeviceLostException(String message, Throwable cause) {
    super(message, cause);
  }
}
