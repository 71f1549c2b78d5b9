package dev.lamina.kernels;

import dev.lamina.device.Range;
import java.util.List;

/**
 * One launch of a kernel.
 *
 * @param source the program that holds it
 * @param kernel its name
 * @param range over which work-items; kernels of ours have groups of a size that they require
 * @param arguments one for each parameter
 */
public record KernelCall(
    Program source, String kernel, Range range, List<KernelArgument> arguments) {
  /** Copies the list. */
  public KernelCall {
    arguments = List.copyOf(arguments);
  }
}
