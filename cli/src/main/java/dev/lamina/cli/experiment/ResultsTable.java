package dev.lamina.cli.experiment;

import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Quantities;
import dev.lamina.cli.console.Table;
import dev.lamina.cli.run.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Prints what an experiment came to for people: means with deviations, and what others reported.
 */
final class ResultsTable {
  private final Grid grid;
  private final Results results;

  ResultsTable(Grid grid, Results results) {
    this.grid = grid;
    this.results = results;
  }

  void print(Console console) {
    List<String> headings = new ArrayList<>();
    grid.experiment().axes().forEach(axis -> headings.add(axis.name()));
    headings.addAll(
        List.of(">runs", ">test accuracy", ">test loss", ">training accuracy", ">time", "note"));
    Table table = new Table(headings.toArray(String[]::new));
    Set<Cell> best = results.best();
    for (Cell cell : grid.cells()) {
      List<String> row = new ArrayList<>(cell.values().values());
      row.add(Long.toString(results.count(cell, KnownRun.Status.FINISHED)));
      Spread decisive = results.spread(cell, Results.DECISIVE);
      row.add(share(decisive));
      row.add(Quantities.loss(results.spread(cell, "test_loss").mean()));
      row.add(share(results.spread(cell, "train_accuracy")));
      double seconds = results.spread(cell, "seconds").mean();
      row.add(Double.isFinite(seconds) ? Quantities.duration(seconds) : "-");
      row.add(note(cell, best.contains(cell)));
      table.row(row.toArray(String[]::new));
    }
    console.result("");
    table.print(console);
    published(console);
    console.result("");
  }

  private String note(Cell cell, boolean best) {
    List<String> notes = new ArrayList<>();
    if (best) {
      notes.add("best");
    }
    long diverged = results.count(cell, KnownRun.Status.DIVERGED);
    if (diverged > 0) {
      notes.add(diverged + " diverged");
    }
    return String.join(", ", notes);
  }

  private void published(Console console) {
    Table table = new Table("run", "figure", ">published", ">ours", ">difference");
    boolean any = false;
    for (Cell cell : grid.cells()) {
      for (Map.Entry<String, Double> figure : cell.published().entrySet()) {
        double theirs = figure.getValue();
        double ours = results.ours(cell, figure.getKey());
        table.row(
            cell.label(),
            Figures.title(figure.getKey()),
            Figures.shown(figure.getKey(), theirs),
            Figures.shown(figure.getKey(), ours),
            Figures.difference(figure.getKey(), ours - theirs));
        any = true;
      }
    }
    if (any) {
      console.result("");
      table.print(console);
    }
  }

  /** A mean with its deviation; the mean alone of a single run. */
  private static String share(Spread spread) {
    String mean = Quantities.percent(spread.mean());
    return Double.isFinite(spread.deviation())
        ? mean.replace(" %", "")
            + String.format(Locale.ROOT, " \u00b1 %.2f %%", 100 * spread.deviation())
        : mean;
  }
}
