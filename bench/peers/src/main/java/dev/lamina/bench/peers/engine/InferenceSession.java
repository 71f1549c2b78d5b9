package dev.lamina.bench.peers.engine;

/** Inference steps: images to logits. */
public interface InferenceSession extends Session {
  /** Computes the logits of batch 0, {@code [n,classes]}, row after row. */
  float[] firstLogits();
}
