package dev.lamina.bench.peers.engine;

import java.util.List;

/**
 * One engine under comparison.
 *
 * <p>The coordinator makes one to learn its variants, so making it loads no native library; a
 * worker opens one session of it. Engines are used by one thread.
 */
public interface PeerEngine {
  /** Returns the name on the command line and in reports. */
  String name();

  /**
   * Returns the ways in which this engine can do the same work, all of which are measured; of a
   * peer, the best one counts.
   *
   * @param devices of ours, by the names users type; a peer that has but one leaves them aside
   */
  List<String> variants(Mode mode, List<String> devices);

  /** Returns the version of what computes; asked after a session was opened. */
  String version();

  /**
   * Builds the network with the workload's initial weights, brings all batches to where the engine
   * computes, and readies the optimizer.
   *
   * @throws IllegalArgumentException if the engine lacks the network or the variant
   */
  TrainingSession openTraining(Setup setup);

  /** Builds the network with the workload's initial weights for inference, batches resident. */
  InferenceSession openInference(Setup setup);
}
