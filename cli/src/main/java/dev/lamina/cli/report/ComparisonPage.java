package dev.lamina.cli.report;

import dev.lamina.cli.config.Setting;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.console.Quantities;
import dev.lamina.cli.run.Figures;
import dev.lamina.cli.run.RunDirectory;
import dev.lamina.io.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;

/** Several runs on one page: what differs in their settings, their figures, their curves. */
public final class ComparisonPage {
  /** More lines in one chart cannot be told apart. */
  public static final int MOST_RUNS = 8;

  /** A figure that runs are compared by. */
  private record Figure(
      String name, String title, boolean highestIsBest, DoubleFunction<String> format) {}

  private static final List<Figure> FIGURES =
      List.of(
          new Figure("test_accuracy", "test accuracy", true, Quantities::percent),
          new Figure("test_loss", "test loss", false, Quantities::loss),
          new Figure("train_accuracy", "training accuracy", true, Quantities::percent),
          new Figure("macro_f1", "macro F1", true, Quantities::loss),
          new Figure("calibration_error", "calibration error", false, Quantities::percent),
          new Figure("samples_per_second", "samples/s", true, ComparisonPage::count),
          new Figure("seconds", "time", false, Quantities::duration));

  private static final int MOST_CLASSES = 40;

  private final List<RunView> runs;
  private final List<Map<String, Double>> figures = new ArrayList<>();

  private ComparisonPage(List<RunView> runs) {
    this.runs = runs;
    for (RunView run : runs) {
      figures.add(Figures.of(run.summary().values(), run.evaluation().values()));
    }
  }

  /**
   * Writes, or replaces, a page that compares runs, whatever their folders lack.
   *
   * @param runs two to {@link #MOST_RUNS}
   * @param command that makes the page
   */
  public static void write(Path file, List<RunDirectory> runs, String command) throws IOException {
    List<RunView> views = new ArrayList<>();
    for (RunDirectory run : runs) {
      views.add(RunView.read(run));
    }
    String page = new ComparisonPage(views).page(command);
    AtomicFile.write(file, page.getBytes(StandardCharsets.UTF_8));
  }

  private String page(String command) {
    return Page.of(
        "Comparison of " + runs.size() + " runs",
        html -> {
          html.open("header").leaf("h1", "Comparison of " + runs.size() + " runs").close();
          missing(html);
          html.open("section", "class", "charts").open("figure", "class", "wide");
          figures(html);
          html.close().close();
          html.leaf("h2", "Course").open("section", "class", "charts even-rows");
          curves(html, "Test loss", "test", "loss", Scale::plain);
          curves(html, "Test accuracy", "test", "accuracy", CurvesSection::share);
          curves(html, "Training loss", "train", "loss", Scale::plain);
          curves(html, "Training accuracy", "train", "accuracy", CurvesSection::share);
          html.close();
          classes(html);
          confusions(html);
          html.leaf("h2", "Do it again").leaf("pre", command);
        });
  }

  /** Runs go by letters, which fit into headings. */
  private static String letter(int run) {
    return String.valueOf((char) ('A' + run));
  }

  private static String style(int run) {
    return "s" + (run + 1);
  }

  private void missing(Html html) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      for (String line : runs.get(i).missing()) {
        lines.add(letter(i) + ": " + line);
      }
    }
    if (!lines.isEmpty()) {
      html.open("ul", "class", "missing");
      lines.forEach(line -> html.leaf("li", line));
      html.close();
    }
  }

  private void figures(Html html) {
    html.open("figcaption").leaf("b", "Figures").close();
    html.open("table", "class", "scores compared").open("thead").open("tr");
    for (Figure figure : FIGURES) {
      html.leaf("th", figure.title(), "scope", "col");
    }
    html.close().close().open("tbody");
    String columns = Integer.toString(FIGURES.size());
    for (int i = 0; i < runs.size(); i++) {
      html.open("tr", "class", "group").open("th", "colspan", columns, "scope", "rowgroup");
      html.leaf("span", letter(i), "class", "key " + style(i)).text(" " + title(i));
      html.leaf("span", runs.get(i).path().toString(), "class", "note path");
      html.close().close().open("tr");
      for (Figure figure : FIGURES) {
        figure(html, figure, i);
      }
      html.close();
    }
    html.close().close();
    html.leaf("p", "Bold is the best of the runs.", "class", "note");
  }

  private void figure(Html html, Figure figure, int run) {
    double value = figures.get(run).getOrDefault(figure.name(), Double.NaN);
    boolean best = Double.isFinite(value);
    for (Map<String, Double> other : figures) {
      double theirs = other.getOrDefault(figure.name(), value);
      best &= figure.highestIsBest() ? theirs <= value : theirs >= value;
    }
    html.open("td", "class", best ? "best" : "other", "data-label", figure.title());
    String shown = Double.isFinite(value) ? figure.format().apply(value) : "-";
    html.figure(figure.name() + "-" + letter(run), value, shown).close();
  }

  /** Says what tells a run from the others; where nothing does, what it is. */
  private String title(int run) {
    Set<Setting<?>> differing = new LinkedHashSet<>();
    for (Setting<?> setting : TrainSettings.ALL) {
      long values = runs.stream().map(other -> value(other, setting)).distinct().count();
      if (values > 1 && setting != TrainSettings.DATA_DIR) {
        differing.add(setting);
      }
    }
    if (differing.isEmpty()) {
      differing.addAll(List.of(TrainSettings.MODEL, TrainSettings.DATASET));
    }
    return differing.stream()
        .filter(setting -> !value(runs.get(run), setting).isEmpty())
        .map(setting -> setting + " " + value(runs.get(run), setting))
        .collect(Collectors.joining(", "));
  }

  private static String value(RunView run, Setting<?> setting) {
    return run.record().tree("configuration").text(setting.key());
  }

  private void curves(
      Html html, String title, String split, String key, DoubleFunction<String> format) {
    LineChart chart = new LineChart(title, "epoch", format).wholeSteps();
    for (int i = 0; i < runs.size(); i++) {
      chart.line(runs.get(i).series(letter(i), style(i), split, key));
    }
    chart.write(html);
  }

  /** F1 by class, where all runs know the same classes. */
  private void classes(Html html) {
    List<String> names = names(runs.get(0));
    boolean same = runs.stream().allMatch(run -> names(run).equals(names));
    if (!same || names.isEmpty() || names.size() > MOST_CLASSES) {
      return;
    }
    html.leaf("h2", "F1 by class").open("table", "class", "scores narrow");
    html.open("thead").open("tr").leaf("th", "class", "scope", "col");
    for (int i = 0; i < runs.size(); i++) {
      html.leaf("th", letter(i), "scope", "col");
    }
    html.close().close().open("tbody");
    for (int c = 0; c < names.size(); c++) {
      html.open("tr").leaf("th", names.get(c), "scope", "row");
      double best = Double.NEGATIVE_INFINITY;
      for (RunView run : runs) {
        double score = run.evaluation().trees("classes").get(c).number("f1");
        best = score > best ? score : best;
      }
      for (RunView run : runs) {
        double score = run.evaluation().trees("classes").get(c).number("f1");
        html.leaf("td", ClassesSection.places(score), "class", score == best ? "best" : "other");
      }
      html.close();
    }
    html.close().close();
  }

  private static List<String> names(RunView run) {
    return run.evaluation().trees("classes").stream().map(tree -> tree.text("name")).toList();
  }

  private void confusions(Html html) {
    html.leaf("h2", "Confusion matrices").open("section", "class", "charts even-rows");
    for (int i = 0; i < runs.size(); i++) {
      if (!runs.get(i).evaluation().list("confusion").isEmpty()) {
        html.open("figure");
        ConfusionMap.write(html, runs.get(i), letter(i));
        html.close();
      }
    }
    html.close();
  }

  private static String count(double value) {
    return Quantities.count(Math.round(value));
  }
}
