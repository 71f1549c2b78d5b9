package dev.lamina.device;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A kernel that does not compile: where, why, and all that the compiler said. */
public final class KernelBuildException extends DeviceException {
  private static final long serialVersionUID = 1L;

  /**
   * How compilers write their errors: clang and most drivers, PoCL, NVRTC; groups are file, line
   * and message.
   */
  private static final List<Pattern> FORMS =
      List.of(
          Pattern.compile("(?m)^(.+?):(\\d+):\\d+: (?:fatal )?error: (.+)$"),
          Pattern.compile("(?m)^error: (.+?):(\\d+):\\d+: (.+)$"),
          Pattern.compile("(?m)^(.+?)\\((\\d+)\\): (?:catastrophic )?error(?: #[\\w-]+)?: (.+)$"));

  private final String program;
  private final String file;
  private final int line;
  private final String error;
  private final String log;

  private KernelBuildException(
      String message, String program, Matcher first, String log, Throwable cause) {
    super(message, cause);
    this.program = program;
    file = first == null ? program : first.group(1).strip();
    line = first == null ? 0 : Integer.parseInt(first.group(2));
    error = first == null ? "" : first.group(3).strip();
    this.log = log;
  }

  /**
   * Makes the exception from what the compiler said.
   *
   * @param compiler whose log it is: the device, or the name of its compiler
   * @param program what was compiled, as messages name it
   * @param log the compiler's whole log
   * @param cause the binding's exception, or null
   */
  public static KernelBuildException of(
      String compiler, String program, String log, Throwable cause) {
    Matcher first = null;
    for (Pattern form : FORMS) {
      Matcher found = form.matcher(log);
      if (found.find() && (first == null || found.start() < first.start())) {
        first = found;
      }
    }
    String what = compiler + ": " + program + " does not compile";
    String message =
        first == null
            ? "%s; its log:\n%s".formatted(what, log)
            : "%s: %s, line %s: %s; mend that line. The whole log:\n%s"
                .formatted(what, first.group(1).strip(), first.group(2), first.group(3), log);
    return new KernelBuildException(message, program, first, log, cause);
  }

  /** Returns what was compiled: its files and defines. */
  public String program() {
    return program;
  }

  /** Returns the file of the first error; the program where the log names none. */
  public String file() {
    return file;
  }

  /** Returns the line of the first error, from 1; 0 where the log names none. */
  public int line() {
    return line;
  }

  /** Returns what the compiler said of the first error; empty where the log names none. */
  public String error() {
    return error;
  }

  /** Returns all that the compiler said. */
  public String log() {
    return log;
  }
}
