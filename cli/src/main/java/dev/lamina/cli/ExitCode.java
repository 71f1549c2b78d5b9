package dev.lamina.cli;

/** What the process tells its caller. */
final class ExitCode {
  static final int OK = 0;

  /** The run failed: it diverged, a file could not be written, the program is wrong. */
  static final int FAILED = 1;

  /** The command line, a variable or a configuration file asks for something impossible. */
  static final int USAGE = 2;

  /** A device or a library is missing or failed. */
  static final int DEVICE = 3;

  /** Data is missing, damaged or not what it claims to be. */
  static final int DATA = 4;

  /** The user stopped it. */
  static final int INTERRUPTED = 130;

  private ExitCode() {}
}
