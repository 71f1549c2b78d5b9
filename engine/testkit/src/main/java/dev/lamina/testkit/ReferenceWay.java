package dev.lamina.testkit;

/** Ways in which {@link ReferenceDevice} runs an op that is free in its layouts. */
public enum ReferenceWay {
  /** All operands canonical. */
  CANONICAL,
  /** All operands {@code reversed}: last element first, then padding of zeros. */
  REVERSED,
  /** Inputs {@code reversed}, outputs canonical. */
  MIXED
}
