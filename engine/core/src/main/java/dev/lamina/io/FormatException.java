package dev.lamina.io;

import java.io.IOException;

/** A file that is damaged or not of the format it claims; the message names the file. */
public final class FormatException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Makes the exception with a full sentence for the user. */
  public FormatException(String message) {
    super(message);
  }

  /** Makes the exception with a full sentence for the user and its cause. */
  public FormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
