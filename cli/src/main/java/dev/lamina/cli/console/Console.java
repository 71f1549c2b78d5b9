package dev.lamina.cli.console;

import dev.lamina.cli.json.Json;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Where commands write. With {@code --json}, standard output carries one document and nothing else;
 * text for people then goes to standard error.
 */
public class Console {
  /** How much to say. */
  public enum Verbosity {
    /** Results, warnings and errors. */
    QUIET,
    /** What a user wants to know. */
    NORMAL,
    /** What a developer wants to know. */
    VERBOSE
  }

  /** Where lists go on to the next line, on terminals and in files alike. */
  private static final int WRAP = 80;

  private final Invocation invocation;
  private final Verbosity verbosity;
  private final boolean json;
  private final PrintStream text;
  private final boolean colour;
  private int columns;
  private int statusLength;

  /** Makes the console of one call. */
  public Console(Invocation invocation, Verbosity verbosity, boolean json) {
    this.invocation = invocation;
    this.verbosity = verbosity;
    this.json = json;
    this.text = json ? invocation.err() : invocation.out();
    this.colour = isTerminal() && coloursWanted(invocation);
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
  public final boolean isTerminal() {
    return json ? invocation.errIsTerminal() : invocation.outIsTerminal();
  }

  /**
   * Returns the width of the terminal; a line that reaches it wraps. Where there is no terminal,
   * lines may be of any length.
   */
  public synchronized int columns() {
    if (columns == 0) {
      columns = isTerminal() ? invocation.columns() : Integer.MAX_VALUE;
    }
    return columns;
  }

  /**
   * Returns a console for a part of a longer call, such as one run of several: it shows only how
   * far the part is, behind a prefix, and warnings; with {@code -v} all.
   *
   * @param nanoTime as {@link System#nanoTime()}
   */
  public Console part(String prefix, LongSupplier nanoTime) {
    return new Part(this, prefix, nanoTime);
  }

  private static final class Part extends Console {
    private static final long PLAIN_NANOS = 30_000_000_000L;

    private final Console whole;
    private final String prefix;
    private final LongSupplier nanoTime;
    private long lastPlain;

    Part(Console whole, String prefix, LongSupplier nanoTime) {
      super(whole.invocation, whole.verbosity, whole.json);
      this.whole = whole;
      this.prefix = prefix;
      this.nanoTime = nanoTime;
      this.lastPlain = nanoTime.getAsLong();
    }

    @Override
    public void result(String line) {
      whole.detail(line);
    }

    @Override
    public void info(String line) {
      whole.detail(line);
    }

    @Override
    public void detail(String line) {
      whole.detail(line);
    }

    @Override
    public void progress(String line) {
      if (isTerminal() || verbose()) {
        whole.detail(line);
      } else if (nanoTime.getAsLong() - lastPlain > PLAIN_NANOS) {
        lastPlain = nanoTime.getAsLong();
        whole.info(prefix + line);
      }
    }

    @Override
    public synchronized int columns() {
      return whole.columns() - prefix.length();
    }

    @Override
    public synchronized void status(String line) {
      whole.status(prefix + line);
    }

    @Override
    public synchronized void warn(String line) {
      whole.warn(line);
    }
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

  /** Writes a line about how far a run is, like {@link #info}. */
  public void progress(String line) {
    info(line);
  }

  /** Writes parts with commas between them, on as many lines as they need, behind a heading. */
  public void infoList(String heading, List<String> parts) {
    StringBuilder line = new StringBuilder(heading);
    for (int i = 0; i < parts.size(); i++) {
      String part = parts.get(i) + (i < parts.size() - 1 ? "," : "");
      boolean first = line.length() == heading.length();
      if (!first && line.length() + part.length() >= WRAP) {
        info(line.toString());
        line = new StringBuilder(" ".repeat(heading.length()));
        first = true;
      }
      line.append(first ? "" : " ").append(part);
    }
    info(line.toString());
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
    String shown = line.substring(0, Math.min(line.length(), columns() - 1));
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
