package dev.lamina.cli.console;

import dev.lamina.io.CacheFolder;
import java.io.IOException;
import java.io.PrintStream;
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
