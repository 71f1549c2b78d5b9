package dev.lamina.cli;

import dev.lamina.cli.console.Invocation;

/** Entry of the program {@code lamina}. */
public final class Main {
  private Main() {}

  /** Runs a command line and ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.exit(run(Invocation.ofProcess(), arguments));
  }

  /**
   * Runs a command line.
   *
   * @return 0 ok, 1 failed run, 2 bad usage, 3 device or library problem, 4 bad data, 130
   *     interrupted
   */
  public static int run(Invocation invocation, String... arguments) {
    return new Lamina(invocation).run(arguments);
  }
}
