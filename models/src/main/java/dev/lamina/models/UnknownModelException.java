package dev.lamina.models;

/** A model name that the catalogue does not know; the message suggests the nearest. */
public final class UnknownModelException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  UnknownModelException(String message) {
    super(message);
  }
}
