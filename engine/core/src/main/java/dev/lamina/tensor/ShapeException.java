package dev.lamina.tensor;

/** Shapes or attributes that do not fit together; the message names op, values and place. */
public final class ShapeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** Makes the exception with a full sentence for the user. */
  public ShapeException(String message) {
    super(message);
  }
}
