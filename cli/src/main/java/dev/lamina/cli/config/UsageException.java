package dev.lamina.cli.config;

/** Something asked for that cannot be done as asked; the message says what to write instead. */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes the exception with a full sentence for the user. */
  public UsageException(String message) {
    super(message);
  }
}
