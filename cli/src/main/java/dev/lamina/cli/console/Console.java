package dev.lamina.cli.console;

import dev.lamina.cli.json.Json;
import java.io.PrintStream;
import java.util.Locale;

/**
 * Where commands write. With {@code --json}, standard output carries one document and nothing else;
 * text for people then goes to standard error.
 */
public final class Console {
  /** How much to say. */
  public enum Verbosity {
    /** Results, warnings and errors. */
    QUIET,
    /** What a user wants to know. */
    NORMAL,
    /** What a developer wants to know. */
    VERBOSE
  }

  private final Invocation invocation;
  private final Verbosity verbosity;
  private final boolean json;
  private final PrintStream text;
  private final boolean colour;
  private final int columns;
  private int statusLength;

  /** Makes the console of one call. */
  public Console(Invocation invocation, Verbosity verbosity, boolean json) {
    this.invocation = invocation;
    this.verbosity = verbosity;
    this.json = json;
    this.text = json ? invocation.err() : invocation.out();
    this.colour = isTerminal() && coloursWanted(invocation);
    this.columns = columns(invocation.variables().getOrDefault("COLUMNS", ""));
  }

  private static int columns(String text) {
    return text.matches("[1-9]\\d{1,3}") ? Integer.parseInt(text) : 80;
  }

  /** Returns whether the terminal shows colours and the user wants them. */
  public static boolean coloursWanted(Invocation invocation) {
    var variables = invocation.variables();
    boolean refused = !variables.getOrDefault("NO_COLOR", "").isEmpty();
    boolean able =
        System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows")
            ? variables.containsKey("WT_SESSION") || variables.containsKey("TERM")
            : !variables.getOrDefault("TERM", "").equals("dumb");
    return able && !refused;
  }

  /** Returns whether a document is wanted in place of text. */
  public boolean json() {
    return json;
  }

  /** Returns whether details are shown. */
  public boolean verbose() {
    return verbosity == Verbosity.VERBOSE;
  }

  /** Returns whether somebody watches the text. */
  public boolean isTerminal() {
    return json ? invocation.errIsTerminal() : invocation.outIsTerminal();
  }

  /** Writes the JSON document that is this call's answer. */
  public synchronized void document(Object tree) {
    clearStatus();
    invocation.out().println(Json.document(tree));
    invocation.out().flush();
  }

  /** Writes a line that is part of the answer. */
  public synchronized void result(String line) {
    clearStatus();
    text.println(line);
    text.flush();
  }

  /** Writes a line that {@code -q} leaves out. */
  public void info(String line) {
    if (verbosity != Verbosity.QUIET) {
      result(line);
    }
  }

  /** Writes a line that only {@code -v} shows. */
  public void detail(String line) {
    if (verbosity == Verbosity.VERBOSE) {
      result(line);
    }
  }

  /**
   * Redraws the one line that shows how far things are, on a terminal; other lines take its place.
   */
  public synchronized void status(String line) {
    if (verbosity == Verbosity.QUIET || !isTerminal()) {
      return;
    }
    // A line that reaches the last column would wrap and could not be redrawn.
    String shown = line.length() < columns ? line : line.substring(0, columns - 1);
    text.print("\r" + shown + " ".repeat(Math.max(0, statusLength - shown.length())));
    text.flush();
    statusLength = shown.length();
  }

  private void clearStatus() {
    if (statusLength > 0) {
      text.print("\r" + " ".repeat(statusLength) + "\r");
      text.flush();
      statusLength = 0;
    }
  }

  /** Writes a warning to standard error. */
  public synchronized void warn(String line) {
    clearStatus();
    invocation.err().println("lamina: warning: " + line);
    invocation.err().flush();
  }

  /** Returns the text in bold where colours are shown. */
  public String bold(String plain) {
    return style("1", plain);
  }

  /** Returns the text in green where colours are shown. */
  public String green(String plain) {
    return style("32", plain);
  }

  /** Returns the text in red where colours are shown. */
  public String red(String plain) {
    return style("31", plain);
  }

  private String style(String code, String plain) {
    return colour && !plain.isEmpty() ? "\u001b[" + code + "m" + plain + "\u001b[0m" : plain;
  }
}
