package dev.lamina.data;

/** Data that is missing, damaged or not what it claims to be; the message says what to do. */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes the exception with a full sentence for the user. */
  public DataException(String message) {
    super(message);
  }

  /** Makes the exception with a full sentence for the user and its cause. */
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
