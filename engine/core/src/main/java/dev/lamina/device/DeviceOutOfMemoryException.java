package dev.lamina.device;

/**
 * Too little device memory; the message gives what was asked, what is free, and who has the rest.
 */
public final class DeviceOutOfMemoryException extends DeviceException {
  private static final long serialVersionUID = 1L;

  /** Makes the exception with a full sentence for the user. */
  public DeviceOutOfMemoryException(String message) {
    super(message);
  }
}
