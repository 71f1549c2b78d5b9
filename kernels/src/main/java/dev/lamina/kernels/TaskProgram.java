package dev.lamina.kernels;

import dev.lamina.device.Kernel;

/**
 * A program of the user's.
 *
 * @param kernel its text, and the kernel that is asked for
 */
public record TaskProgram(Kernel kernel) implements Program {
  @Override
  public String text(Dialect dialect) {
    return (kernel.isPortable() ? KernelSource.prelude(dialect) : "")
        + KernelSource.lines(kernel.defines())
        + KernelSource.line(kernel.file())
        + kernel.text()
        + "\n";
  }

  /** Returns file and macros, as messages name a program. */
  @Override
  public String toString() {
    return kernel.file() + (kernel.defines().isEmpty() ? "" : " " + kernel.defines());
  }
}
