package dev.lamina.cpu.onednn;

import java.util.Arrays;

/** Turns oneDNN status codes into exceptions. */
final class Status {
  static final int SUCCESS = 0;
  static final int UNIMPLEMENTED = 3;
  static final int LAST_IMPLEMENTATION = 4;

  private static final String[] NAMES = {
    "success",
    "out of memory",
    "invalid arguments",
    "unimplemented",
    "last implementation reached",
    "runtime error",
    "not required"
  };

  private Status() {}

  /**
   * Throws unless {@code status} is success; {@code call} and {@code arguments} go to the message.
   */
  static void check(int status, String call, Object... arguments) {
    if (status != SUCCESS) {
      String name = status > 0 && status < NAMES.length ? NAMES[status] : "unknown";
      String values = Arrays.deepToString(arguments);
      throw new OneDnnException(
          String.format(
              "%s(%s) failed: %s (status %d)",
              call, values.substring(1, values.length() - 1), name, status),
          status);
    }
  }
}
