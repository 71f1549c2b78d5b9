package dev.lamina.cli.report;

import dev.lamina.cli.console.Quantities;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** What is found and what is taken for what. */
final class ClassesSection {
  private static final int MOST_CLASSES = 40;
  private static final int MOST_PAIRS = 12;

  private ClassesSection() {}

  static void write(Html html, RunView run) {
    List<Tree> classes = run.evaluation().trees("classes");
    if (classes.isEmpty()) {
      return;
    }
    html.leaf("h2", "Classes");
    html.open("section", "class", "charts led");
    html.open("figure", "class", classes.size() > 20 ? "wide" : "");
    ConfusionMap.write(html, run, "Confusion matrix");
    html.close();
    scores(html, run, classes);
    pairs(html, run);
    curves(html, run);
    html.close();
  }

  private static void scores(Html html, RunView run, List<Tree> classes) {
    List<Integer> shown = IntStream.range(0, classes.size()).boxed().toList();
    html.open("figure").open("figcaption").leaf("b", "By class");
    if (classes.size() > MOST_CLASSES) {
      html.text(" the %d of %,d with the lowest F1".formatted(MOST_CLASSES, classes.size()));
      shown =
          shown.stream()
              .sorted(Comparator.comparingDouble((Integer c) -> classes.get(c).number("f1")))
              .limit(MOST_CLASSES)
              .toList();
    }
    html.close();
    html.open("table", "class", "scores").open("thead").open("tr");
    for (String heading : List.of("class", "F1", "precision", "recall", "samples")) {
      html.leaf("th", heading, "scope", "col");
    }
    html.close().close().open("tbody");
    for (int c : shown) {
      row(html, classes.get(c).text("name"), classes.get(c));
    }
    html.close().open("tfoot");
    row(html, "macro average", run.evaluation().tree("macro"));
    row(html, "weighted average", run.evaluation().tree("weighted"));
    html.close().close().close();
  }

  private static void row(Html html, String name, Tree score) {
    double f1 = score.number("f1");
    html.open("tr").leaf("th", name, "scope", "row").open("td", "class", "bar");
    bar(html, f1);
    html.leaf("span", places(f1)).close();
    html.leaf("td", places(score.number("precision")));
    html.leaf("td", places(score.number("recall")));
    html.leaf("td", score.has("support") ? Quantities.count(score.index("support")) : "");
    html.close();
  }

  /** Writes a bar whose length is a share from 0 to 1. */
  static void bar(Html html, double share) {
    String width = String.format(Locale.ROOT, "%.1f", Double.isFinite(share) ? 100 * share : 0);
    html.leaf("i", "", "style", "width:" + width + "%");
  }

  static String places(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.3f", value) : "-";
  }

  private static void pairs(Html html, RunView run) {
    List<Tree> pairs = run.evaluation().trees("confused");
    if (pairs.isEmpty()) {
      return;
    }
    html.open("figure").open("figcaption").leaf("b", "Most often confused").close();
    html.open("table", "class", "pairs").open("thead").open("tr");
    for (String heading : List.of("target", "taken for", "times")) {
      html.leaf("th", heading, "scope", "col");
    }
    html.close().close().open("tbody");
    for (Tree pair : pairs.subList(0, Math.min(MOST_PAIRS, pairs.size()))) {
      html.open("tr");
      html.leaf("td", run.className(pair.index("target")));
      html.leaf("td", run.className(pair.index("predicted")));
      html.leaf("td", Quantities.count(pair.index("count")));
      html.close();
    }
    html.close().close().close();
  }

  private static void curves(Html html, RunView run) {
    List<double[]> believed = new ArrayList<>();
    for (Tree bin : run.evaluation().trees("calibration")) {
      if (Double.isFinite(bin.number("confidence")) && Double.isFinite(bin.number("accuracy"))) {
        believed.add(new double[] {bin.number("confidence"), bin.number("accuracy")});
      }
    }
    List<double[]> even = List.of(new double[] {0, 0}, new double[] {1, 1});
    if (!believed.isEmpty()) {
      new LineChart("Calibration", "confidence", Scale::plain)
          .include(0)
          .line(new LineChart.Series("as sure as right", "even", even))
          .line(new LineChart.Series("accuracy", "test", believed))
          .write(html);
    }
    List<double[]> roc = points(run.evaluation().list("roc"));
    if (!roc.isEmpty() && run.evaluation().trees("classes").size() > 1) {
      String area = places(run.evaluation().trees("classes").get(1).number("auc"));
      new LineChart("ROC of " + run.className(1), "share of others taken", Scale::plain)
          .line(new LineChart.Series("guessing", "even", even))
          .line(new LineChart.Series("share found, area " + area, "test", roc))
          .write(html);
    }
    precisionRecall(html, run);
  }

  /** One line for each class; of two classes one says all, of more the worst stands out. */
  private static void precisionRecall(Html html, RunView run) {
    List<Tree> classes = run.evaluation().trees("classes");
    List<?> curves = run.evaluation().list("precision_recall");
    if (curves.size() != classes.size() || classes.size() < 2) {
      return;
    }
    boolean binary = classes.size() == 2;
    int shown = 1;
    for (int c = 0; c < classes.size() && !binary; c++) {
      double least = classes.get(shown).number("average_precision");
      if (classes.get(c).number("average_precision") < least || Double.isNaN(least)) {
        shown = c;
      }
    }
    LineChart chart =
        new LineChart(
                binary ? "Precision of " + run.className(1) : "Precision, each class by itself",
                "recall",
                Scale::plain)
            .include(1);
    for (int c = 0; c < classes.size() && !binary; c++) {
      if (c != shown) {
        List<double[]> points = points(curves.get(c) instanceof List<?> list ? list : List.of());
        chart.line(new LineChart.Series("", "faint", points));
      }
    }
    String average = places(classes.get(shown).number("average_precision"));
    String label = binary ? "average " + average : run.className(shown) + ", average " + average;
    chart
        .line(
            new LineChart.Series(
                label,
                "test",
                points(curves.get(shown) instanceof List<?> list ? list : List.of())))
        .note(binary ? "" : "The class of the lowest average precision stands out.")
        .write(html);
  }

  /** Reads pairs of numbers; what is none is left out. */
  private static List<double[]> points(List<?> list) {
    List<double[]> points = new ArrayList<>();
    for (Object point : list) {
      if (point instanceof List<?> pair
          && pair.size() == 2
          && pair.get(0) instanceof Number x
          && pair.get(1) instanceof Number y
          && Double.isFinite(x.doubleValue())
          && Double.isFinite(y.doubleValue())) {
        points.add(new double[] {x.doubleValue(), y.doubleValue()});
      }
    }
    return points;
  }
}
