package dev.lamina.cli.console;

import java.util.List;
import java.util.stream.Collectors;

/** Command lines as one types them into a shell. */
public final class ShellCommand {
  private ShellCommand() {}

  /** Returns the words as one line, each quoted where a shell would read it otherwise. */
  public static String of(List<String> words) {
    return words.stream().map(ShellCommand::quoted).collect(Collectors.joining(" "));
  }

  /** Returns a word, in quotes where a shell would read it otherwise. */
  public static String quoted(String word) {
    return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
