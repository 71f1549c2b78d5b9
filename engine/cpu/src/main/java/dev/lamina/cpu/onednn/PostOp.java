package dev.lamina.cpu.onednn;

/** What a primitive does to its result before it stores it. */
public enum PostOp {
  NONE,
  /** {@code max(x, 0)}. */
  RELU,
  /** Adds to what the destination holds, in place of overwriting it. */
  SUM
}
