package dev.lamina.cli.report;

import dev.lamina.cli.json.Json;
import dev.lamina.cli.run.RunDirectory;
import dev.lamina.io.FormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that a run's folder says.
 *
 * @param path the folder
 * @param record of {@code run.json}
 * @param metrics lines of {@code metrics.jsonl} that can be read
 * @param summary of {@code summary.json}; empty where there is none
 * @param evaluation of {@code evaluation.json}; empty where there is none
 * @param missing what a reader should know is not there
 */
record RunView(
    Path path,
    Tree record,
    List<Tree> metrics,
    Tree summary,
    Tree evaluation,
    List<String> missing) {

  private interface Source {
    Optional<Map<String, Object>> read() throws IOException;
  }

  static RunView read(RunDirectory run) throws IOException {
    List<String> missing = new ArrayList<>();
    Tree record = tree(() -> Optional.of(run.record()), "", missing);
    List<Tree> metrics = metrics(run.metrics(), missing);
    Tree summary = tree(run::summary, "The run has not ended: there is no summary.json.", missing);
    Tree evaluation =
        tree(
            run::evaluation,
            "The answers were not looked at: there is no evaluation.json. lamina evaluate makes"
                + " it.",
            missing);
    double age = evaluation.number("epoch");
    if (age < summary.number("epochs")) {
      missing.add("Answers are those after epoch " + (int) age + ", before the run went on.");
    }
    return new RunView(run.path(), record, metrics, summary, evaluation, missing);
  }

  private static Tree tree(Source source, String absent, List<String> missing) throws IOException {
    try {
      Optional<Map<String, Object>> read = source.read();
      if (read.isEmpty()) {
        missing.add(absent);
      }
      return new Tree(read.orElse(Map.of()));
    } catch (FormatException damaged) {
      missing.add(damaged.getMessage());
      return new Tree(Map.of());
    }
  }

  private static List<Tree> metrics(Path file, List<String> missing) throws IOException {
    List<Tree> lines = new ArrayList<>();
    int damaged = 0;
    if (Files.exists(file)) {
      // Not as strict UTF-8: one damaged byte costs one line.
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      for (String line : text.lines().toList()) {
        try {
          lines.add(new Tree(Json.readObject(line)));
        } catch (FormatException broken) {
          damaged++;
        }
      }
    }
    if (damaged > 0) {
      missing.add(damaged + " damaged lines of metrics.jsonl were left out.");
    }
    if (lines.isEmpty()) {
      missing.add("The run has not ended an epoch: there are no curves.");
    }
    return lines;
  }

  /** Returns one quantity of one split by epoch; lines that lack it are left out. */
  LineChart.Series series(String label, String style, String split, String key) {
    List<double[]> points = new ArrayList<>();
    for (Tree line : metrics) {
      boolean known = Double.isFinite(line.number("epoch")) && Double.isFinite(line.number(key));
      if (line.text("split").equals(split) && known) {
        points.add(new double[] {line.number("epoch"), line.number(key)});
      }
    }
    return new LineChart.Series(label, style, points);
  }

  /** Returns the name of a class. */
  String className(int index) {
    List<Tree> classes = evaluation.trees("classes");
    return index >= 0 && index < classes.size() ? classes.get(index).text("name") : "?";
  }
}
