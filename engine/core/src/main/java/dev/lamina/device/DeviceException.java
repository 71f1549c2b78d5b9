package dev.lamina.device;

/** A device or a library of its that failed or is missing; the message says what to do. */
public class DeviceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes the exception with a full sentence for the user. */
  public DeviceException(String message) {
    super(message);
  }

  /** Makes the exception with a full sentence for the user and its cause. */
  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
