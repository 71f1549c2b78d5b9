package dev.lamina.train;

/** Training whose loss is no longer a finite number. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes the exception with a full sentence for the user. */
  public DivergedException(String message) {
    super(message);
  }
}
