package dev.lamina.cli.report;

import java.util.List;
import java.util.Locale;

/** Pictures: what the model got most wrong, and how it answers for the first test samples. */
final class SamplesSection {
  private static final int PROBABILITIES = 5;

  private SamplesSection() {}

  static void write(Html html, RunView run) {
    List<Tree> wrong =
        run.evaluation().trees("hardest").stream()
            .filter(sample -> sample.index("target") != sample.index("predicted"))
            .toList();
    if (!wrong.isEmpty()) {
      html.leaf("h2", "Mistakes of the largest loss");
      html.open("section", "class", "gallery");
      wrong.forEach(sample -> mistake(html, run, sample));
      html.close();
    }
    List<Tree> unsure =
        run.evaluation().trees("hardest").stream()
            .filter(sample -> sample.index("target") == sample.index("predicted"))
            .toList();
    if (!unsure.isEmpty()) {
      html.leaf("h2", "Right answers of the largest loss");
      html.open("section", "class", "gallery");
      unsure.forEach(sample -> mistake(html, run, sample));
      html.close();
    }
    List<Tree> first = run.evaluation().trees("first");
    if (!first.isEmpty()) {
      html.leaf("h2", "The first test samples");
      html.open("section", "class", "gallery first");
      first.forEach(sample -> answer(html, run, sample));
      html.close();
    }
  }

  private static void mistake(Html html, RunView run, Tree sample) {
    html.open("figure", "class", "sample");
    picture(html, run, sample);
    html.open("figcaption");
    html.leaf("b", run.className(sample.index("target")));
    html.leaf("span", "taken for " + run.className(sample.index("predicted")));
    html.leaf("span", percent(sample.number("confidence")), "class", "note");
    html.close().close();
  }

  private static void answer(Html html, RunView run, Tree sample) {
    int target = sample.index("target");
    html.open("figure", "class", "sample");
    picture(html, run, sample);
    html.open("figcaption").leaf("b", run.className(target));
    html.close().open("table", "class", "answers").open("tbody");
    List<?> probabilities = sample.list("probabilities");
    for (Object entry : probabilities.subList(0, Math.min(PROBABILITIES, probabilities.size()))) {
      if (entry instanceof List<?> pair
          && pair.size() == 2
          && pair.get(0) instanceof Number index
          && pair.get(1) instanceof Number probability) {
        html.open("tr", "class", index.intValue() == target ? "right" : "other");
        html.leaf("th", run.className(index.intValue()), "scope", "row");
        html.open("td", "class", "bar");
        ClassesSection.bar(html, probability.doubleValue());
        html.leaf("span", percent(probability.doubleValue())).close().close();
      }
    }
    html.close().close().close();
  }

  private static void picture(Html html, RunView run, Tree sample) {
    if (!sample.text("picture").isEmpty()) {
      html.empty(
          "img",
          "alt",
          "test sample " + sample.text("sample") + ", " + run.className(sample.index("target")),
          "src",
          "data:image/png;base64," + sample.text("picture"));
    }
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
