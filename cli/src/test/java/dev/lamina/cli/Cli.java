package dev.lamina.cli;

import dev.lamina.cli.console.Invocation;
import dev.lamina.cli.json.Json;
import dev.lamina.io.FormatException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs command lines inside the test's process and keeps what they said. */
public final class Cli {
  private final Map<String, String> variables = new HashMap<>();
  private Path directory = Path.of("");
  private boolean terminal;

  /** What a command line came to. */
  public record Outcome(int exitCode, String out, String err) {
    /** Returns standard output by lines. */
    public List<String> outLines() {
      return out.lines().toList();
    }

    /** Returns the document on standard output, of which there must be exactly one. */
    public Map<String, Object> document() {
      try {
        return Json.readObject(out);
      } catch (FormatException wrong) {
        throw new AssertionError(wrong.getMessage() + " in: " + out, wrong);
      }
    }
  }

  /** Sets a variable. */
  public Cli with(String variable, String value) {
    variables.put(variable, value);
    return this;
  }

  /** Runs in a folder. */
  public Cli in(Path folder) {
    directory = folder;
    return with("LAMINA_HOME", folder.resolve("home").toString());
  }

  /** Pretends that somebody watches. */
  public Cli onTerminal() {
    terminal = true;
    return with("TERM", "xterm");
  }

  /** Runs a command line. */
  public Outcome run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Invocation invocation =
        new Invocation(
            new PrintStream(out, false, StandardCharsets.UTF_8),
            new PrintStream(err, false, StandardCharsets.UTF_8),
            terminal,
            terminal,
            variables,
            directory);
    int exitCode = Main.run(invocation, arguments);
    return new Outcome(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
