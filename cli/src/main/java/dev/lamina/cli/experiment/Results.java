package dev.lamina.cli.experiment;

import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.json.Json;
import dev.lamina.cli.run.Figures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** What the runs of an experiment came to together: as a record, as tables for programs. */
final class Results {
  /** The figure by which combinations are compared. */
  static final String DECISIVE = "test_accuracy";

  private static final int SCHEMA = 1;

  private final Grid grid;
  private final Map<PlannedRun, KnownRun> known;

  /**
   * Makes results.
   *
   * @param known what has become of each run
   */
  Results(Grid grid, Map<PlannedRun, KnownRun> known) {
    this.grid = grid;
    this.known = known;
  }

  private KnownRun known(PlannedRun run) {
    return known.getOrDefault(run, KnownRun.PLANNED);
  }

  /** Returns the spread of a figure over the finished runs of a combination. */
  Spread spread(Cell cell, String figure) {
    List<Double> values = new ArrayList<>();
    for (PlannedRun run : cell.runs()) {
      Double value = known(run).figures().get(figure);
      if (value != null) {
        values.add(value);
      }
    }
    return Spread.of(values);
  }

  /** Returns how many runs of a combination ended in a way. */
  long count(Cell cell, KnownRun.Status status) {
    return cell.runs().stream().filter(run -> known(run).status() == status).count();
  }

  /**
   * Returns the combinations with the highest mean, of those on the same data; none where there is
   * nothing to compare.
   */
  Set<Cell> best() {
    Map<String, List<Cell>> byData = new LinkedHashMap<>();
    for (Cell cell : grid.cells()) {
      if (spread(cell, DECISIVE).count() > 0) {
        String data = cell.runs().get(0).configuration().get(TrainSettings.DATASET);
        byData.computeIfAbsent(data, key -> new ArrayList<>()).add(cell);
      }
    }
    Set<Cell> best = new HashSet<>();
    for (List<Cell> cells : byData.values()) {
      double highest =
          cells.stream().mapToDouble(cell -> spread(cell, DECISIVE).mean()).max().getAsDouble();
      cells.stream()
          .filter(cell -> cells.size() > 1 && spread(cell, DECISIVE).mean() == highest)
          .forEach(best::add);
    }
    return best;
  }

  /** The figures that runs have; those of classes only where they are few or published. */
  private List<String> figures() {
    Set<String> figures = new LinkedHashSet<>();
    for (Cell cell : grid.cells()) {
      for (PlannedRun run : cell.runs()) {
        figures.addAll(known(run).figures().keySet());
      }
    }
    Set<String> published = new LinkedHashSet<>();
    grid.cells().forEach(cell -> published.addAll(cell.published().keySet()));
    figures.removeIf(name -> name.contains("/") && !published.contains(name));
    return List.copyOf(figures);
  }

  /**
   * Returns the record, from which the page is made.
   *
   * @param status of the experiment: running, finished, interrupted, failed
   * @param now the run under way; empty where there is none
   * @param secondsLeft until all runs have ended, where it is known
   * @param command that repeats the experiment
   */
  Map<String, Object> record(
      String status, String now, OptionalDouble secondsLeft, String command) {
    List<PlannedRun> runs = grid.runs();
    long ended = runs.stream().filter(run -> known(run).ended()).count();
    return Json.object(
        "schema",
        SCHEMA,
        "title",
        grid.title(),
        "about",
        grid.experiment().about(),
        "status",
        status,
        "runs_planned",
        runs.size(),
        "runs_ended",
        ended,
        "now",
        now,
        "seconds_left",
        secondsLeft.isPresent() ? secondsLeft.getAsDouble() : null,
        "axes",
        axes(),
        "settings",
        common(),
        "cells",
        cells(),
        "runs",
        runs.stream().map(this::run).toList(),
        "command",
        command);
  }

  private List<Object> axes() {
    List<Object> axes = new ArrayList<>();
    for (Axis axis : grid.experiment().axes()) {
      axes.add(
          Json.object(
              "name",
              axis.name(),
              "numeric",
              axis.numeric(),
              "values",
              axis.points().stream().map(Axis.Point::label).toList()));
    }
    return axes;
  }

  /** The settings that all runs share. */
  private Map<String, Object> common() {
    Map<String, Object> common = null;
    for (PlannedRun run : grid.runs()) {
      Map<String, Object> settings = run.configuration().toJson(Path.of(""));
      if (common == null) {
        common = new LinkedHashMap<>(settings);
      } else {
        common.entrySet().retainAll(settings.entrySet());
      }
    }
    return common;
  }

  private List<Object> cells() {
    List<Object> cells = new ArrayList<>();
    List<String> figures = figures();
    Set<Cell> best = best();
    for (Cell cell : grid.cells()) {
      Map<String, Object> spreads = new LinkedHashMap<>();
      for (String figure : figures) {
        Spread spread = spread(cell, figure);
        if (spread.count() > 0) {
          spreads.put(figure, Json.object("mean", spread.mean(), "deviation", spread.deviation()));
        }
      }
      cells.add(
          Json.object(
              "values",
              cell.values(),
              "runs",
              cell.runs().size(),
              "finished",
              count(cell, KnownRun.Status.FINISHED),
              "diverged",
              count(cell, KnownRun.Status.DIVERGED),
              "best",
              best.contains(cell),
              "figures",
              spreads,
              "published",
              published(cell)));
    }
    return cells;
  }

  private List<Object> published(Cell cell) {
    List<Object> compared = new ArrayList<>();
    cell.published()
        .forEach(
            (figure, theirs) -> {
              double ours = ours(cell, figure);
              compared.add(
                  Json.object(
                      "figure",
                      figure,
                      "published",
                      theirs,
                      "ours",
                      ours,
                      "difference",
                      ours - theirs));
            });
    return compared;
  }

  /** Returns a figure of ours that a published one is compared with. */
  double ours(Cell cell, String figure) {
    return figure.endsWith(Figures.DEVIATION)
        ? spread(cell, figure.substring(0, figure.length() - Figures.DEVIATION.length()))
            .deviation()
        : spread(cell, figure).mean();
  }

  private Map<String, Object> run(PlannedRun run) {
    KnownRun is = known(run);
    Map<String, Object> entry =
        Json.object(
            "values",
            run.values(),
            "seed",
            run.seed(),
            "status",
            is.status().text(),
            "folder",
            is.folder().isEmpty() ? null : is.folder());
    is.figures()
        .forEach(
            (figure, value) -> {
              if (!figure.contains("/")) {
                entry.put(figure, value);
              }
            });
    return entry;
  }

  /** Returns a row for each combination, as comma-separated values with a heading. */
  String cellsCsv() {
    List<String> figures = new ArrayList<>(figures());
    List<String> heading = new ArrayList<>(axisNames());
    heading.addAll(List.of("runs", "finished", "diverged", "best"));
    figures.forEach(figure -> heading.addAll(List.of(figure + "_mean", figure + "_deviation")));
    StringBuilder csv = new StringBuilder();
    line(csv, heading);
    Set<Cell> best = best();
    for (Cell cell : grid.cells()) {
      List<String> row = new ArrayList<>(cell.values().values());
      row.add(Integer.toString(cell.runs().size()));
      row.add(Long.toString(count(cell, KnownRun.Status.FINISHED)));
      row.add(Long.toString(count(cell, KnownRun.Status.DIVERGED)));
      row.add(Boolean.toString(best.contains(cell)));
      for (String figure : figures) {
        Spread spread = spread(cell, figure);
        row.add(number(spread.mean()));
        row.add(number(spread.deviation()));
      }
      line(csv, row);
    }
    return csv.toString();
  }

  /** Returns a row for each run, as comma-separated values with a heading. */
  String runsCsv() {
    List<String> figures = new ArrayList<>(figures());
    List<String> heading = new ArrayList<>(axisNames());
    heading.addAll(List.of("seed", "status", "folder"));
    heading.addAll(figures);
    StringBuilder csv = new StringBuilder();
    line(csv, heading);
    for (PlannedRun run : grid.runs()) {
      KnownRun is = known(run);
      List<String> row = new ArrayList<>(run.values().values());
      row.addAll(List.of(Long.toString(run.seed()), is.status().text(), is.folder()));
      figures.forEach(figure -> row.add(number(is.figures().getOrDefault(figure, Double.NaN))));
      line(csv, row);
    }
    return csv.toString();
  }

  private List<String> axisNames() {
    return grid.experiment().axes().stream().map(Axis::name).toList();
  }

  private static String number(double value) {
    return Double.isFinite(value) ? Double.toString(value) : "";
  }

  private static void line(StringBuilder csv, List<String> cells) {
    for (int i = 0; i < cells.size(); i++) {
      String cell = cells.get(i);
      boolean quote = cell.matches("(?s).*[\",\r\n].*");
      csv.append(i == 0 ? "" : ",").append(quote ? "\"" + cell.replace("\"", "\"\"") + "\"" : cell);
    }
    csv.append('\n');
  }
}
