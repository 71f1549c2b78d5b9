package dev.lamina.kernels;

import java.util.List;

/**
 * A number that a way's launches could also be made with.
 *
 * @param name family and meaning, as {@code tiles.depth}
 * @param value what the way has
 * @param alternatives what is worth a trial; the value may be among them
 */
public record KernelParameter(String name, int value, List<Integer> alternatives) {
  /** Copies the list. */
  public KernelParameter {
    alternatives = List.copyOf(alternatives);
  }
}
