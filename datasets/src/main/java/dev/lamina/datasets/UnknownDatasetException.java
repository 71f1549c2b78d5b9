package dev.lamina.datasets;

/** A name that no data set of the catalog has; the message suggests the nearest one. */
public final class UnknownDatasetException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  UnknownDatasetException(String message) {
    super(message);
  }
}
