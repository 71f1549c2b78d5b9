package dev.lamina.op;

/** An op, or an op with these attributes, that cannot be done here; raised when a plan is built. */
public final class UnsupportedOpException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes the exception with a full sentence for the user. */
  public UnsupportedOpException(String message) {
    super(message);
  }
}
