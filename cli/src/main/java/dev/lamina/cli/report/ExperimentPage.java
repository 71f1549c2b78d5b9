package dev.lamina.cli.report;

import dev.lamina.cli.console.Quantities;
import dev.lamina.cli.run.Figures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The page of an experiment: accuracy against what varies, with error bars; all combinations in a
 * table; what others reported; every run. Made from the experiment's record alone.
 */
public final class ExperimentPage {
  /** The page's file in the experiment's folder. */
  public static final String FILE = "experiment.html";

  private static final int REFRESH_SECONDS = 5;
  private static final int MOST_LINES = 8;

  private ExperimentPage() {}

  /**
   * Returns the page.
   *
   * @param record content of the experiment's {@code experiment.json}
   */
  public static String of(Map<String, Object> record) {
    Tree experiment = new Tree(record);
    boolean running = experiment.text("status").equals("running");
    return Page.of(
        experiment.text("title"),
        running ? REFRESH_SECONDS : 0,
        html -> {
          header(html, experiment, running);
          html.open("section", "class", "charts led");
          figure(html, experiment, "Test accuracy", "test_accuracy", true);
          figure(html, experiment, "Test loss", "test_loss", false);
          html.close();
          table(html, experiment);
          PublishedSection.write(html, published(experiment));
          runs(html, experiment);
          html.leaf("h2", "Common settings").leaf("p", settings(experiment));
          html.leaf("h2", "Do it again").leaf("pre", experiment.text("command"));
        });
  }

  private static void header(Html html, Tree experiment, boolean running) {
    html.open("header").leaf("h1", experiment.text("title"));
    if (experiment.has("about")) {
      html.leaf("p", experiment.text("about"));
    }
    int planned = experiment.index("runs_planned");
    int ended = experiment.index("runs_ended");
    StringBuilder line = new StringBuilder();
    line.append(running ? "Running" : "Experiment " + experiment.text("status"))
        .append(": %,d of %,d runs have ended".formatted(ended, planned));
    if (ended < planned && Double.isFinite(experiment.number("seconds_left"))) {
      line.append(", about ")
          .append(Quantities.duration(experiment.number("seconds_left")))
          .append(" left");
    }
    line.append('.');
    if (!experiment.text("now").isEmpty()) {
      line.append(" Now: ").append(experiment.text("now")).append('.');
    }
    html.leaf("p", line.toString(), "class", "note");
    if (ended < planned) {
      html.leaf(
          "progress",
          ended + " of " + planned,
          "value",
          Integer.toString(ended),
          "max",
          Integer.toString(planned),
          "aria-label",
          "runs that have ended");
    }
    html.close();
  }

  /** Draws one figure of all combinations: lines over the first axis of numbers, else rows. */
  private static void figure(
      Html html, Tree experiment, String title, String figure, boolean share) {
    List<Tree> axes = experiment.trees("axes");
    List<Tree> cells = experiment.trees("cells");
    java.util.function.DoubleFunction<String> format = share ? CurvesSection::share : Scale::plain;
    Tree numeric =
        axes.stream()
            .filter(axis -> Boolean.TRUE.equals(axis.values().get("numeric")))
            .filter(axis -> axis.list("values").size() > 1)
            .findFirst()
            .orElse(null);
    Map<String, List<double[]>> lines = new LinkedHashMap<>();
    if (numeric != null) {
      for (Tree cell : cells) {
        Map<Object, Object> others = new LinkedHashMap<>(cell.tree("values").values());
        String at = String.valueOf(others.remove(numeric.text("name")));
        List<double[]> points =
            lines.computeIfAbsent(
                others.isEmpty() ? "mean" : label(others), key -> new ArrayList<>());
        Tree spread = cell.tree("figures").tree(figure);
        if (Double.isFinite(spread.number("mean"))) {
          points.add(
              new double[] {
                Double.parseDouble(at), spread.number("mean"), spread.number("deviation")
              });
        }
      }
    }
    if (numeric == null || lines.size() > MOST_LINES) {
      IntervalRows rows = new IntervalRows(title, format, value -> Figures.shown(figure, value));
      for (Tree cell : cells) {
        Tree spread = cell.tree("figures").tree(figure);
        rows.row(
            label(cell.tree("values").values()), spread.number("mean"), spread.number("deviation"));
      }
      rows.write(html);
      return;
    }
    LineChart chart =
        new LineChart(title, numeric.text("name").replace('_', ' '), format)
            .ticksAt(
                numeric.list("values").stream()
                    .map(value -> Double.parseDouble(value.toString()))
                    .toList());
    int style = 0;
    for (Map.Entry<String, List<double[]>> line : lines.entrySet()) {
      style++;
      double[][] points = line.getValue().toArray(double[][]::new);
      Arrays.sort(points, (one, other) -> Double.compare(one[0], other[0]));
      chart.line(new LineChart.Series(line.getKey(), "s" + style, List.of(points)));
    }
    if (cells.stream().anyMatch(cell -> cell.index("runs") > 1)) {
      chart.note("Bars are one standard deviation of the repeats, up and down.");
    }
    chart.write(html);
  }

  /** Values that name themselves go without the axis's name. */
  static String label(Map<?, ?> values) {
    return values.size() == 1
        ? values.values().iterator().next().toString()
        : values.entrySet().stream()
            .map(entry -> entry.getKey().toString().replace('_', ' ') + " " + entry.getValue())
            .collect(Collectors.joining(", "));
  }

  private static void table(Html html, Tree experiment) {
    html.leaf("h2", "Combinations").open("table", "class", "scores cells");
    html.open("thead").open("tr");
    String axes =
        experiment.trees("axes").stream()
            .map(axis -> axis.text("name").replace('_', ' '))
            .collect(Collectors.joining(", "));
    for (String heading :
        List.of(axes, "test accuracy", "test loss", "training accuracy", "runs")) {
      html.leaf("th", heading, "scope", "col");
    }
    html.close().close().open("tbody");
    int number = 0;
    for (Tree cell : experiment.trees("cells")) {
      number++;
      boolean best = Boolean.TRUE.equals(cell.values().get("best"));
      html.open("tr", "class", best ? "best" : "other");
      html.open("th", "scope", "row").text(label(cell.tree("values").values()));
      if (best) {
        html.text(" ").leaf("span", "best", "class", "badge");
      }
      html.close();
      Tree figures = cell.tree("figures");
      mean(html, "test_accuracy-" + number, figures.tree("test_accuracy"), true);
      mean(html, "test_loss-" + number, figures.tree("test_loss"), false);
      mean(html, "train_accuracy-" + number, figures.tree("train_accuracy"), true);
      String runs = cell.index("finished") + " of " + cell.index("runs");
      int diverged = cell.index("diverged");
      html.leaf("td", diverged > 0 ? runs + ", " + diverged + " diverged" : runs, "class", "wrap");
      html.close();
    }
    html.close().close();
    html.leaf(
        "p",
        "Means over finished runs, with one standard deviation (over n - 1). Best is the highest"
            + " mean test accuracy on the same data.",
        "class",
        "note");
  }

  private static void mean(Html html, String id, Tree spread, boolean share) {
    double mean = spread.number("mean");
    double off = spread.number("deviation");
    html.open("td", "class", "wrap");
    html.figure(id, mean, share ? Quantities.percent(mean) : Quantities.loss(mean));
    if (Double.isFinite(off)) {
      String shown = share ? Quantities.percent(off) : Quantities.loss(off);
      html.text(" ").leaf("span", "\u00b1\u00a0" + shown.replace(' ', '\u00a0'), "class", "note");
    }
    html.close();
  }

  private static List<PublishedSection.Row> published(Tree experiment) {
    List<PublishedSection.Row> rows = new ArrayList<>();
    for (Tree cell : experiment.trees("cells")) {
      String label = label(cell.tree("values").values());
      for (Tree row : cell.trees("published")) {
        rows.add(
            new PublishedSection.Row(
                label, row.text("figure"), row.number("published"), row.number("ours")));
      }
    }
    return rows;
  }

  private static void runs(Html html, Tree experiment) {
    html.leaf("h2", "Runs").open("ul", "class", "runs");
    for (Tree run : experiment.trees("runs")) {
      html.open("li");
      String label = label(run.tree("values").values()) + ", seed " + run.text("seed");
      if (run.has("folder") && run.has("test_accuracy")) {
        html.leaf("a", label, "href", run.text("folder") + "/report.html");
        html.text(" " + Quantities.percent(run.number("test_accuracy")));
      } else {
        html.text(label + " ").leaf("span", run.text("status"), "class", "note");
      }
      html.close();
    }
    html.close();
  }

  private static String settings(Tree experiment) {
    return experiment.tree("settings").values().entrySet().stream()
        .map(entry -> entry.getKey() + " " + entry.getValue())
        .collect(Collectors.joining(", "));
  }
}
