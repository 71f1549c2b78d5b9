package dev.lamina.cli.run;

import dev.lamina.cli.console.Quantities;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The figures of a run by name, from what its folder holds: those of {@code summary.json}, averages
 * over classes, and those of single classes as {@code class_recall/NAME}.
 */
public final class Figures {
  /** Behind a figure's name: its standard deviation over repeats. */
  public static final String DEVIATION = "_deviation";

  /** Figures that each class has one of. */
  public static final List<String> OF_CLASSES =
      List.of("class_precision", "class_recall", "class_f1", "class_auc");

  private static final List<String> OF_SUMMARY =
      List.of(
          "test_accuracy",
          "test_loss",
          "train_accuracy",
          "train_loss",
          "validation_accuracy",
          "validation_loss",
          "samples_per_second",
          "seconds");
  private static final List<String> OF_EVALUATION = List.of("top5_accuracy", "calibration_error");
  private static final List<String> OF_AVERAGE = List.of("precision", "recall", "f1");
  private static final List<String> AVERAGES = List.of("macro", "weighted");

  private Figures() {}

  /** Returns the names of all figures, those of classes without a class. */
  public static List<String> names() {
    List<String> names = new ArrayList<>(OF_SUMMARY);
    names.addAll(OF_EVALUATION);
    for (String average : AVERAGES) {
      OF_AVERAGE.forEach(score -> names.add(average + "_" + score));
    }
    names.addAll(OF_CLASSES);
    return names;
  }

  /** Returns whether a name is that of one figure, or of its deviation. */
  public static boolean isKnown(String name) {
    String figure =
        name.endsWith(DEVIATION) ? name.substring(0, name.length() - DEVIATION.length()) : name;
    return names().contains(figure) && !OF_CLASSES.contains(figure);
  }

  /** Returns the name of a class's figure. */
  public static String ofClass(String figure, String className) {
    return figure + "/" + className;
  }

  /** Returns whether a figure, or its deviation, is a share of 1, which people read in percent. */
  private static boolean isShare(String name) {
    return name.contains("accuracy")
        || name.startsWith("calibration")
        || name.startsWith("class_")
        || AVERAGES.stream().anyMatch(average -> name.startsWith(average + "_"));
  }

  /**
   * Returns the figures that a run has; those that are missing or no finite number are left out.
   *
   * @param summary content of {@code summary.json}; empty where there is none
   * @param evaluation content of {@code evaluation.json}; empty where there is none
   */
  public static Map<String, Double> of(Map<?, ?> summary, Map<?, ?> evaluation) {
    Map<String, Double> figures = new LinkedHashMap<>();
    OF_SUMMARY.forEach(key -> put(figures, key, summary.get(key)));
    OF_EVALUATION.forEach(key -> put(figures, key, evaluation.get(key)));
    for (String average : AVERAGES) {
      if (evaluation.get(average) instanceof Map<?, ?> scores) {
        OF_AVERAGE.forEach(score -> put(figures, average + "_" + score, scores.get(score)));
      }
    }
    if (evaluation.get("classes") instanceof List<?> classes) {
      for (Object entry : classes) {
        if (entry instanceof Map<?, ?> scores) {
          for (String figure : OF_CLASSES) {
            String key = figure.substring("class_".length());
            put(figures, ofClass(figure, String.valueOf(scores.get("name"))), scores.get(key));
          }
        }
      }
    }
    return figures;
  }

  /** Returns how people read a figure's name: {@code test accuracy}, {@code recall of cat}. */
  public static String title(String name) {
    int slash = name.indexOf('/');
    return slash < 0
        ? name.replaceFirst(DEVIATION + "$", ", standard deviation")
            .replaceFirst("^train_", "training ")
            .replace('_', ' ')
        : name.substring("class_".length(), slash) + " of " + name.substring(slash + 1);
  }

  /** Returns a figure as people read it: shares in percent. */
  public static String shown(String name, double value) {
    return isShare(name) ? Quantities.percent(value) : Quantities.loss(value);
  }

  /** Returns the difference of two figures, those of shares in percentage points. */
  public static String difference(String name, double value) {
    String text =
        isShare(name) && Double.isFinite(value)
            ? String.format(Locale.ROOT, "%.2f points", 100 * value)
            : Quantities.loss(value);
    return value > 0 ? "+" + text : text;
  }

  private static void put(Map<String, Double> figures, String name, Object value) {
    if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
      figures.put(name, number.doubleValue());
    }
  }
}
