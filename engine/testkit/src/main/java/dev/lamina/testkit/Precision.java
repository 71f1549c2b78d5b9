package dev.lamina.testkit;

/** Arithmetic that a device declares; each has a row of its own in {@link Tolerances}. */
public enum Precision {
  /** Single precision throughout. */
  F32,
  /** Products of 10-bit mantissas, summed in single precision. */
  TF32,
  /** Products of 7-bit mantissas, summed in single precision, stored with 7 bits. */
  BF16
}
