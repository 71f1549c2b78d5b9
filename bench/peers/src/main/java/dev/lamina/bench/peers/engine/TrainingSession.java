package dev.lamina.bench.peers.engine;

import java.util.OptionalLong;

/** Training steps: forward, mean softmax cross-entropy, backward, SGD with momentum. */
public interface TrainingSession extends Session {
  /** Runs steps like {@link #run} and returns the loss of each, computed before its update. */
  float[] runForLosses(int steps);

  /**
   * Returns the nanoseconds spent in updates since the session was opened, or nothing if the engine
   * does not update apart from the rest of its step.
   */
  OptionalLong updateNanos();
}
