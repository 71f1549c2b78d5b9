package dev.lamina.cli.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One thing a run can be told, by the same name on the command line ({@code --batch-size}), in the
 * environment ({@code LAMINA_BATCH_SIZE}) and in a configuration file ({@code batch_size}).
 *
 * @param <T> what its text stands for
 */
public final class Setting<T> {
  /** What a setting is about; the heading under which help lists it. */
  public enum Group {
    /** What to train. */
    NETWORK("Network"),
    /** What to train on. */
    DATA("Data"),
    /** How a folder of pictures is read. */
    FOLDER("Folders of pictures as data"),
    /** How samples are varied in training. */
    AUGMENTATION("Augmentation"),
    /** How to train. */
    TRAINING("Training"),
    /** How parameters follow their gradients. */
    OPTIMIZER("Optimizer"),
    /** How the learning rate changes. */
    SCHEDULE("Learning rate schedule"),
    /** What validation samples decide, and when a run ends. */
    VALIDATION("Validation and ending"),
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

  /** A time in seconds, written as {@code 90}, {@code 90s}, {@code 10m} or {@code 1.5h}. */
  static Setting<Double> time(String name, Group group, String description) {
    String rule = "must be a time above 0 such as 90s, 10m or 1.5h";
    return new Setting<>(
        name,
        group,
        "TIME",
        description,
        List.of(),
        text -> {
          require(text.matches("[0-9.eE+-]+[smh]?"), rule, text);
          int unit = "smh".indexOf(text.charAt(text.length() - 1));
          String number = unit < 0 ? text : text.substring(0, text.length() - 1);
          try {
            double seconds = Double.parseDouble(number) * Math.pow(60, Math.max(0, unit));
            require(seconds > 0 && seconds < Double.POSITIVE_INFINITY, rule, text);
            return seconds;
          } catch (NumberFormatException notNumber) {
            throw new IllegalArgumentException(rule + ", not " + text, notNumber);
          }
        });
  }

  /** Whole numbers from 1 that increase, with commas between them. */
  static Setting<String> increasing(String name, Group group, String label, String description) {
    String rule = "must be whole numbers from 1 that increase, as 30,60,80";
    return new Setting<>(
        name,
        group,
        label,
        description,
        List.of(),
        text -> {
          require(text.matches("[1-9]\\d{0,6}(,[1-9]\\d{0,6})*"), rule, text);
          List<Integer> numbers = Stream.of(text.split(",")).map(Integer::valueOf).toList();
          for (int i = 1; i < numbers.size(); i++) {
            require(numbers.get(i) > numbers.get(i - 1), rule, text);
          }
          return text;
        });
  }

  /** A height and width, or one number for both. */
  static Setting<String> extents(String name, Group group, String description) {
    String number = "[1-9]\\d{0,4}";
    return new Setting<>(
        name,
        group,
        "N|HxW",
        description,
        List.of(),
        text -> {
          boolean fits = text.matches(number + "(x" + number + ")?");
          require(fits, "must be a number from 1, or height and width as 48x64", text);
          return text;
        });
  }

  /** The word balanced, or numbers from 0 with commas between them. */
  static Setting<String> weights(String name, Group group, String description) {
    String number = "(\\d+\\.?\\d*|\\.\\d+)";
    return new Setting<>(
        name,
        group,
        "balanced|X,...",
        description,
        List.of("balanced"),
        text -> {
          boolean fits = text.equals("balanced") || text.matches(number + "(," + number + ")+");
          require(fits, "must be balanced, or numbers from 0 as 1,2.5,1", text);
          return text;
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
