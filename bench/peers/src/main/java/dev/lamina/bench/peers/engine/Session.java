package dev.lamina.bench.peers.engine;

/** Steps over resident batches, taken in turn; used by one thread; closed by who opened it. */
public interface Session extends AutoCloseable {
  /**
   * Runs steps and returns when all their results are computed.
   *
   * @param steps how many, at least 1
   */
  void run(int steps);

  /** Frees what the session holds. */
  @Override
  void close();
}
