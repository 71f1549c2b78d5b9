package dev.lamina.cli.report;

import dev.lamina.cli.console.Quantities;

/** Title, what is missing, and the figures that one asks for first. */
final class OverviewSection {
  private OverviewSection() {}

  static void write(Html html, RunView run, String title) {
    Tree summary = run.summary();
    html.open("header").leaf("h1", title);
    String status = summary.has("status") ? summary.text("status") : "not ended";
    String epochs = summary.has("epochs") ? ", " + summary.text("epochs") + " epochs" : "";
    String started = run.record().text("started").replace('T', ' ');
    html.leaf("p", "Run " + status + epochs + ", started " + started, "class", "note");
    html.close();
    if (!run.missing().isEmpty()) {
      html.open("ul", "class", "missing");
      run.missing().forEach(line -> html.leaf("li", line));
      html.close();
    }
    Tree evaluation = run.evaluation();
    html.open("section", "class", "tiles");
    share(html, "Test accuracy", summary, "test_accuracy");
    loss(html, "Test loss", summary, "test_loss");
    share(html, "Training accuracy", summary, "train_accuracy");
    loss(html, "Training loss", summary, "train_loss");
    share(html, "Top-5 accuracy", evaluation, "top5_accuracy");
    double macro = evaluation.tree("macro").number("f1");
    tile(html, "Macro F1", "macro_f1", macro, fourPlaces(macro));
    share(html, "Calibration error", evaluation, "calibration_error");
    double rate = summary.number("samples_per_second");
    tile(html, "Samples per second", "samples_per_second", rate, count(rate));
    double seconds = summary.number("seconds");
    tile(html, "Training time", "seconds", seconds, Quantities.duration(seconds));
    double parameters = summary.number("parameters");
    tile(html, "Parameters", "parameters", parameters, count(parameters));
    html.close();
  }

  private static void share(Html html, String label, Tree tree, String key) {
    tile(html, label, key, tree.number(key), Quantities.percent(tree.number(key)));
  }

  private static void loss(Html html, String label, Tree tree, String key) {
    tile(html, label, key, tree.number(key), Quantities.loss(tree.number(key)));
  }

  private static void tile(Html html, String label, String key, double value, String shown) {
    if (Double.isFinite(value)) {
      html.open("div").leaf("span", label).figure(key, value, shown).close();
    }
  }

  private static String count(double value) {
    return Quantities.count(Math.round(value));
  }

  static String fourPlaces(double value) {
    return Quantities.loss(value);
  }
}
