package dev.lamina.device;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Arithmetic in which a device is opened and that it then declares. Parameters, their gradients,
 * optimizer state, statistics and losses are single precision in each of them.
 */
public enum Precision {
  /** Single precision throughout. */
  F32,
  /** Products of 10-bit mantissas, summed in single precision. */
  TF32,
  /**
   * Products of 7-bit mantissas, summed in single precision; images and their gradients between ops
   * are stored with 7 bits.
   */
  BF16;

  /**
   * Returns the precision that users name so: {@code f32}, {@code tf32}, {@code bf16}.
   *
   * @throws IllegalArgumentException if there is none; the message lists them
   */
  public static Precision named(String name) {
    return Arrays.stream(values())
        .filter(precision -> precision.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no precision \"%s\"; there are %s"
                        .formatted(
                            name,
                            Arrays.stream(values())
                                .map(Precision::toString)
                                .collect(Collectors.joining(", ")))));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
