package dev.lamina.cli.console;

import dev.lamina.io.CacheFolder;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What one call of the program gets from its caller.
 *
 * @param out standard output
 * @param err standard error
 * @param outIsTerminal whether somebody watches {@code out}
 * @param errIsTerminal whether somebody watches {@code err}
 * @param variables the environment
 * @param directory the caller's folder, from which relative paths count
 */
public record Invocation(
    PrintStream out,
    PrintStream err,
    boolean outIsTerminal,
    boolean errIsTerminal,
    Map<String, String> variables,
    Path directory) {
  private static final int USUAL_COLUMNS = 80;

  /** Returns the invocation of this process. */
  public static Invocation ofProcess() {
    return new Invocation(
        System.out, System.err, isTerminal(1), isTerminal(2), System.getenv(), Path.of(""));
  }

  /** Returns a path of the user's as one that counts from the caller's folder. */
  public Path resolve(Path path) {
    return directory.resolve(path);
  }

  /** Returns the folder for what may be kept and can be got again. */
  public Path cacheFolder() {
    return CacheFolder.of(variables);
  }

  /** Returns the width of the terminal, where there is one; 80 where it cannot be told. */
  public int columns() {
    String given = variables.getOrDefault("COLUMNS", "");
    if (given.isEmpty()) {
      try {
        Process stty =
            new ProcessBuilder("stty", "size")
                .redirectInput(new File("/dev/tty"))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        // Answers "rows columns".
        String answer = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        given = answer.strip().replaceFirst(".* ", "");
      } catch (IOException noTerminal) {
        return USUAL_COLUMNS;
      }
    }
    return given.matches("[1-9]\\d{1,3}") ? Integer.parseInt(given) : USUAL_COLUMNS;
  }

  /** Java tells only whether input and output are both terminals; Linux tells of each. */
  private static boolean isTerminal(int descriptor) {
    Path link = Path.of("/proc/self/fd/" + descriptor);
    try {
      String target = Files.readSymbolicLink(link).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException notLinux) {
      return System.console() != null;
    }
  }
}
