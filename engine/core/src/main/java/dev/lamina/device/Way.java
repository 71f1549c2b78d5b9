package dev.lamina.device;

import java.util.List;

/**
 * One way a device offers to run a call: an implementation and the layouts it takes and gives.
 *
 * @param implementation name that is stable between runs of one device and library version; unique
 *     among the ways offered for one call
 * @param inputs layout of each input
 * @param outputs layout of each output
 */
public record Way(String implementation, List<Layout> inputs, List<Layout> outputs) {
  /** Copies the lists. */
  public Way {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }
}
