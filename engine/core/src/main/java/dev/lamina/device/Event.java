package dev.lamina.device;

/** A point in a stream's order, made by {@link Stream#record()}. */
public interface Event {
  /** Blocks the calling thread until the stream has passed the point. */
  void await();

  /** Says whether the stream has passed the point. */
  boolean done();
}
