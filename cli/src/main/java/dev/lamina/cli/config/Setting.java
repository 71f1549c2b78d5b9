package dev.lamina.cli.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * One thing a run can be told, by the same name on the command line ({@code --batch-size}), in the
 * environment ({@code LAMINA_BATCH_SIZE}) and in a configuration file ({@code batch_size}).
 *
 * @param <T> what its text stands for
 */
public final class Setting<T> {
  /** What a setting is about; the heading under which help lists it. */
  public enum Group {
    /** What to train and on what. */
    DATA("Network and data"),
    /** How to train. */
    TRAINING("Training"),
    /** How parameters follow their gradients. */
    OPTIMIZER("Optimizer"),
    /** Where it runs. */
    DEVICE("Device");

    private final String heading;

    Group(String heading) {
      this.heading = heading;
    }

    /** Returns the heading in help. */
    public String heading() {
      return heading;
    }
  }

  private final String name;
  private final Group group;
  private final String label;
  private final String description;
  private final List<String> candidates;
  private final Function<String, T> parser;

  private Setting(
      String name,
      Group group,
      String label,
      String description,
      List<String> candidates,
      Function<String, T> parser) {
    this.name = name;
    this.group = group;
    this.label = label;
    this.description = description;
    this.candidates = candidates;
    this.parser = parser;
  }

  static Setting<String> text(String name, Group group, String label, String description) {
    return new Setting<>(name, group, label, description, List.of(), Function.identity());
  }

  static Setting<Path> path(String name, Group group, String label, String description) {
    return new Setting<>(
        name,
        group,
        label,
        description,
        List.of(),
        text -> {
          try {
            return Path.of(text);
          } catch (InvalidPathException unusable) {
            throw new IllegalArgumentException("must be a path: " + unusable.getReason(), unusable);
          }
        });
  }

  static Setting<String> choice(
      String name, Group group, String description, List<String> candidates) {
    String rule = "must be " + String.join(", ", candidates);
    return new Setting<>(
        name,
        group,
        String.join("|", candidates),
        description,
        candidates,
        text -> {
          require(candidates.contains(text), rule, text);
          return text;
        });
  }

  static Setting<Boolean> flag(String name, Group group, String description) {
    return new Setting<>(
        name,
        group,
        "",
        description,
        List.of(),
        text -> {
          require(text.equals("true") || text.equals("false"), "must be true or false", text);
          return Boolean.valueOf(text);
        });
  }

  static Setting<Long> integer(
      String name, Group group, long least, long most, String description) {
    String rule =
        most == Integer.MAX_VALUE || most == Long.MAX_VALUE
            ? "must be a whole number from " + least
            : "must be a whole number from " + least + " to " + most;
    return new Setting<>(
        name,
        group,
        "N",
        description,
        List.of(),
        text -> {
          try {
            long value = Long.parseLong(text);
            require(value >= least && value <= most, rule, text);
            return value;
          } catch (NumberFormatException notNumber) {
            throw new IllegalArgumentException(rule + ", not " + text, notNumber);
          }
        });
  }

  /** Numbers that single precision holds, from the bound or above it, below the other. */
  static Setting<Double> number(
      String name, Group group, double bound, boolean bounded, double below, String description) {
    String rule =
        "must be a number "
            + (bounded ? "from " : "above ")
            + decimal(bound)
            + (below == Double.POSITIVE_INFINITY ? "" : " and below " + decimal(below));
    return new Setting<>(
        name,
        group,
        "X",
        description,
        List.of(),
        text -> {
          try {
            double value = Double.parseDouble(text);
            float single = (float) value;
            require(single < below && (bounded ? single >= bound : single > bound), rule, text);
            return value;
          } catch (NumberFormatException notNumber) {
            throw new IllegalArgumentException(rule + ", not " + text, notNumber);
          }
        });
  }

  private static String decimal(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  private static void require(boolean met, String rule, String text) {
    if (!met) {
      throw new IllegalArgumentException(rule + ", not " + text);
    }
  }

  /** Returns the name, words joined by hyphens. */
  public String name() {
    return name;
  }

  /** Returns the option, for example {@code --batch-size}. */
  public String option() {
    return "--" + name;
  }

  /** Returns the environment variable, for example {@code LAMINA_BATCH_SIZE}. */
  public String variable() {
    return "LAMINA_" + key().toUpperCase(Locale.ROOT);
  }

  /** Returns the key in files, for example {@code batch_size}. */
  public String key() {
    return name.replace('-', '_');
  }

  /** Returns what the setting is about. */
  public Group group() {
    return group;
  }

  /** Returns how help names the value; empty for a flag. */
  public String label() {
    return label;
  }

  /** Returns the line in help. */
  public String description() {
    return description;
  }

  /** Returns all possible values, where they can be listed. */
  public List<String> candidates() {
    return candidates;
  }

  /** Returns whether it is on or off. */
  public boolean isFlag() {
    return label.isEmpty();
  }

  /**
   * Returns what a text stands for.
   *
   * @throws IllegalArgumentException with a clause that begins with "must be"
   */
  T parse(String text) {
    return parser.apply(text);
  }

  @Override
  public String toString() {
    return name;
  }
}
