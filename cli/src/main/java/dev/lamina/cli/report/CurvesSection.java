package dev.lamina.cli.report;

import dev.lamina.cli.console.Quantities;
import java.util.List;
import java.util.Locale;

/** How the run went: loss, accuracy, learning rate, speed. */
final class CurvesSection {
  private CurvesSection() {}

  static void write(Html html, RunView run) {
    if (run.metrics().isEmpty()) {
      return;
    }
    LineChart.Series testLoss = run.series("test", "test", "test", "loss");
    double best = Double.NaN;
    double lowest = Double.POSITIVE_INFINITY;
    for (double[] point : testLoss.points()) {
      if (point[1] < lowest) {
        best = point[0];
        lowest = point[1];
      }
    }
    String label =
        "Lowest test loss, %s, after epoch %s: %s"
            .formatted(Quantities.loss(lowest), Scale.plain(best), whatFollows(testLoss, best));
    html.leaf("h2", "Course");
    html.open("section", "class", "charts led");
    epochs("Loss", Scale::plain)
        .line(run.series("training", "train", "train", "loss"))
        .line(run.series("validation", "validation", "validation", "loss"))
        .line(testLoss)
        .mark(best, label)
        .write(html);
    epochs("Accuracy", CurvesSection::share)
        .line(run.series("training", "train", "train", "accuracy"))
        .line(run.series("validation", "validation", "validation", "accuracy"))
        .line(run.series("test", "test", "test", "accuracy"))
        .mark(
            best,
            "The line marks the lowest test loss. Training figures are taken while it learns.")
        .write(html);
    epochs("Learning rate", Scale::plain)
        .include(0)
        .line(run.series("last of the epoch", "train", "train", "lr"))
        .write(html);
    epochs("Samples per second", value -> Quantities.count(Math.round(value)))
        .include(0)
        .line(run.series("input included", "train", "train", "samples_per_second"))
        .write(html);
    epochs("Waiting for input", CurvesSection::share)
        .include(0)
        .include(0.01)
        .line(run.series("share of the epoch", "train", "train", "input_wait_fraction"))
        .write(html);
    html.close();
  }

  private static String whatFollows(LineChart.Series testLoss, double best) {
    List<double[]> points = testLoss.points();
    return points.isEmpty() || points.get(points.size() - 1)[0] == best
        ? "the last one, so more epochs may help."
        : "what follows overfits.";
  }

  private static LineChart epochs(String title, java.util.function.DoubleFunction<String> format) {
    return new LineChart(title, "epoch", format).wholeSteps();
  }

  static String share(double value) {
    double percent = 100 * value;
    String text = String.format(Locale.ROOT, "%.2f", percent);
    return text.replaceFirst("\\.?0+$", "") + " %";
  }
}
