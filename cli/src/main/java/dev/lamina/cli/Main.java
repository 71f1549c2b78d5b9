package dev.lamina.cli;

import dev.lamina.cli.console.Characters;
import dev.lamina.cli.console.Invocation;
import java.util.Optional;

/** Entry of the program {@code lamina}. */
public final class Main {
  private Main() {}

  /** Runs a command line and ends the process with its exit code. */
  public static void main(String[] arguments) {
    Invocation invocation = Invocation.ofProcess();
    Optional<String> lost = Characters.lostArguments();
    if (lost.isPresent()) {
      invocation.err().println("lamina: " + lost.get());
      System.exit(ExitCode.USAGE);
    }
    System.exit(run(invocation, arguments));
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
