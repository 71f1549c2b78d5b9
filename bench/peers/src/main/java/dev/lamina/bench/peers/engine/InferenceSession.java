package dev.lamina.bench.peers.engine;

/** Inference steps: images to class probabilities. */
public interface InferenceSession extends Session {
  /** Computes the probabilities of batch 0, {@code [n,classes]}, row after row. */
  float[] firstProbabilities();
}
