package dev.lamina.bench.peers;

/** A worker process did not deliver a report. */
final class WorkerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  WorkerException(String message) {
    super(message);
  }
}
