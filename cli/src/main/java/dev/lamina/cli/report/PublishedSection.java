package dev.lamina.cli.report;

import dev.lamina.cli.config.RunKeys;
import dev.lamina.cli.run.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What others reported, what we got, and the difference. */
final class PublishedSection {
  /**
   * A figure of both.
   *
   * @param run what it is a figure of; empty where the page shows one run
   * @param ours NaN where there is none yet
   */
  record Row(String run, String figure, double published, double ours) {}

  private PublishedSection() {}

  /** Returns what the experiment of a run has published figures for; of one run, no deviations. */
  static List<Row> rows(RunView run) {
    Map<String, Double> ours = Figures.of(run.summary().values(), run.evaluation().values());
    Tree published = run.record().tree(RunKeys.EXPERIMENT).tree(RunKeys.PUBLISHED);
    List<Row> rows = new ArrayList<>();
    for (Object key : published.values().keySet()) {
      String figure = key.toString();
      double theirs = published.number(figure);
      if (Double.isFinite(theirs) && !figure.endsWith(Figures.DEVIATION)) {
        rows.add(new Row("", figure, theirs, ours.getOrDefault(figure, Double.NaN)));
      }
    }
    return rows;
  }

  static void write(Html html, List<Row> rows) {
    if (rows.isEmpty()) {
      return;
    }
    boolean several = rows.stream().anyMatch(row -> !row.run().isEmpty());
    html.leaf("h2", "Published and ours").open("table", "class", "scores published");
    html.open("thead").open("tr");
    for (String heading : List.of("figure", "published", "ours", "difference")) {
      html.leaf("th", heading, "scope", "col");
    }
    html.close().close().open("tbody");
    String run = "";
    for (Row row : rows) {
      if (several && !row.run().equals(run)) {
        run = row.run();
        html.open("tr", "class", "group").leaf("th", run, "colspan", "4", "scope", "rowgroup");
        html.close();
      }
      html.open("tr").leaf("th", Figures.title(row.figure()), "scope", "row");
      html.leaf("td", Figures.shown(row.figure(), row.published()));
      html.leaf("td", Figures.shown(row.figure(), row.ours()));
      html.leaf("td", Figures.difference(row.figure(), row.ours() - row.published())).close();
    }
    html.close().close();
  }
}
