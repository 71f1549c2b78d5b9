package dev.lamina.cli.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Invocation;
import dev.lamina.cli.experiment.KnownRun.Status;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
  @TempDir Path folder;
  private Grid grid;
  private final Map<PlannedRun, KnownRun> known = new LinkedHashMap<>();

  /** Takes an accuracy for each run, in order; 0 for a run that has none. */
  private Results results(String yaml, double... accuracies) throws IOException {
    Path file = folder.resolve("x.yaml");
    Files.writeString(file, yaml);
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    Invocation invocation = new Invocation(nowhere, nowhere, false, false, Map.of(), Path.of(""));
    grid =
        Grid.of(
            ExperimentFile.read(file, "x.yaml"),
            new Grid.Wanted(false, Optional.empty(), Map.of()),
            invocation,
            new Console(invocation, Console.Verbosity.QUIET, false));
    List<PlannedRun> runs = grid.runs();
    assertEquals(accuracies.length, runs.size());
    for (int i = 0; i < accuracies.length; i++) {
      KnownRun is =
          new KnownRun(Status.FINISHED, "run" + i, Map.of("test_accuracy", accuracies[i]));
      known.put(runs.get(i), accuracies[i] == 0 ? KnownRun.PLANNED : is);
    }
    return new Results(grid, known);
  }

  private List<String> best(Results results) {
    return grid.cells().stream().filter(results.best()::contains).map(Cell::label).toList();
  }

  @Test
  void marksTheBestOnEachData() throws IOException {
    Results results =
        results(
            "base: {model: mlp}\nvary: {dataset: [mnist, digits], lr: [0.1, 0.2]}",
            0.9,
            0.8,
            0.5,
            0.6);
    assertEquals(List.of("dataset mnist, lr 0.1", "dataset digits, lr 0.2"), best(results));
  }

  @Test
  void marksEqualsTogetherAndNothingAlone() throws IOException {
    String rates = "base: {model: mlp}\nvary: {lr: [0.1, 0.2]}";
    assertEquals(List.of("lr 0.1", "lr 0.2"), best(results(rates, 0.5, 0.5)));
    assertEquals(List.of(), best(results(rates, 0.5, 0)));
    assertEquals(List.of(), best(results(rates, 0, 0)));
  }

  @Test
  void quotesCellsOfTables() throws IOException {
    Results results =
        results(
            """
            base: {model: mlp}
            vary: {way: [{name: 'a, "b"', lr: 1}, {name: c, lr: 2}]}
            repeats: 2
            """,
            0.5,
            0,
            0.25,
            0);
    List<String> lines = results.cellsCsv().lines().toList();
    assertEquals(
        "way,runs,finished,diverged,best,test_accuracy_mean,test_accuracy_deviation", lines.get(0));
    assertTrue(lines.get(1).startsWith("\"a, \"\"b\"\"\",2,2,0,false,0.375,0.1767"), lines.get(1));
    assertEquals("c,2,0,0,false,,", lines.get(2));
    assertEquals("c,2,to do,,", results.runsCsv().lines().toList().get(4));
  }
}
