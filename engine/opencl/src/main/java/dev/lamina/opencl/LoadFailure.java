package dev.lamina.opencl;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why OpenCL cannot be called.
 *
 * @param loaderMissing whether the system has no loader; else JOCL's own library cannot be loaded
 * @param reason a clause
 */
record LoadFailure(boolean loaderMissing, String reason) {
  /** JOCL's message holds a trace of each attempt; the last was to unpack its library. */
  private static final Pattern ATTEMPT =
      Pattern.compile("(?m)^[\\w.$]+(?:Error|Exception): (\\S.*)$");

  /** Reads what JOCL says. */
  static LoadFailure of(String text) {
    if (text.contains("libOpenCL")
        || text.contains("OpenCL.dll")
        || text.contains("Implementation library could not be loaded")) {
      return new LoadFailure(true, "the system has no OpenCL loader (libOpenCL)");
    }
    String why = text.lines().findFirst().orElse("no reason given").strip();
    Matcher attempts = ATTEMPT.matcher(text);
    while (attempts.find()) {
      why = attempts.group(1).strip();
    }
    return new LoadFailure(false, "JOCL's native library cannot be loaded (" + why + ")");
  }

  /** The first attempt fails with the reason as message or cause, later ones repeat it. */
  static LoadFailure of(LinkageError error) {
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return of(String.valueOf(cause.getMessage()));
  }
}
