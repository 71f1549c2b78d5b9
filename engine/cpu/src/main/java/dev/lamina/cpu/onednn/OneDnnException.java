package dev.lamina.cpu.onednn;

/** A oneDNN call failed; the message names the call, its arguments and the status. */
public final class OneDnnException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  OneDnnException(String message, int status) {
    super(message);
    this.status = status;
  }

  /** Whether oneDNN has no implementation for what was asked, as against a failure. */
  public boolean unimplemented() {
    return status == Status.UNIMPLEMENTED;
  }
}
