package dev.lamina.kernels;

import java.util.List;

/**
 * One launch of a kernel.
 *
 * @param source the program that holds it
 * @param kernel its name
 * @param groups how many groups of work-items run
 * @param groupSize work-items of a group, as the kernel requires
 * @param arguments one for each parameter
 */
public record KernelCall(
    KernelSource source, String kernel, int groups, int groupSize, List<KernelArgument> arguments) {
  /** Copies the list and checks the range. */
  public KernelCall {
    arguments = List.copyOf(arguments);
    if (groups < 1 || groupSize < 1) {
      throw new IllegalArgumentException(
          kernel + ": " + groups + " groups of " + groupSize + " work-items are no range");
    }
  }
}
