package dev.lamina.models;

/** An option that a network does not have; the message names both. */
public final class ModelOptionException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  ModelOptionException(String message) {
    super(message);
  }
}
