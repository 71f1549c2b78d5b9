package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cli.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExperimentCommandTest {
  private static final String RATES =
      """
      title: Rates
      base:
        model: mlp-12
        dataset: mnist
        device: reference
        batch_size: 16
        epochs: 2
      vary:
        lr:
          - 0.001
          - value: 0.05
            published: {test_accuracy: 0.5, test_accuracy_deviation: 0.01, class_recall: {3: 0.25}}
      repeats: 2
      short: {epochs: 1, repeats: 1}
      """;

  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void makeData() throws IOException {
    data = TinyMnist.write(folder.resolve("data"));
    Files.writeString(folder.resolve("rates.yaml"), RATES);
  }

  private Cli.Outcome experiment(String more) {
    List<String> arguments = new ArrayList<>(List.of("experiment", "rates.yaml", "--data-dir"));
    arguments.add(data.toString());
    arguments.addAll(List.of(more.split(" ")));
    arguments.removeIf(String::isEmpty);
    return new Cli().in(folder).run(arguments.toArray(String[]::new));
  }

  /** The experiment as it stands in docs, on other pictures. */
  @Test
  void comparesPerceptronsOnAFolderOfPictures() throws IOException {
    Cli cli = new Cli().in(folder);
    String export = "datasets export mnist cat-ship-truck --classes 3,5,7 --train-limit 3=2,5=8";
    Cli.Outcome made = cli.run((export + " --data-dir " + data).split(" "));
    assertEquals(0, made.exitCode(), made.err());
    assertTrue(made.out().startsWith("28 pictures in "), made.out());
    Path file = Path.of("").toAbsolutePath().resolveSibling("docs/experiments/perceptrons.yaml");
    Cli.Outcome outcome =
        cli.run("experiment", file.toString(), "--short", "--device", "reference", "--out", "mlp");
    assertEquals(0, outcome.exitCode(), outcome.err());
    Map<String, Object> record =
        Json.readObject(Files.readString(folder.resolve("mlp/experiment.json")));
    assertEquals("finished", record.get("status"));
    assertEquals(13L, record.get("runs_ended"));
    for (Object cell : (List<?>) record.get("cells")) {
      assertEquals(1L, ((Map<?, ?>) cell).get("finished"), cell.toString());
    }
  }

  private Map<String, Object> record() throws IOException {
    return Json.readObject(Files.readString(folder.resolve("runs/rates/experiment.json")));
  }

  private static Map<?, ?> entry(Map<?, ?> tree, String list, int index) {
    return (Map<?, ?>) ((List<?>) tree.get(list)).get(index);
  }

  private List<Path> runs() throws IOException {
    try (Stream<Path> content = Files.list(folder.resolve("runs/rates"))) {
      return content.filter(Files::isDirectory).sorted().toList();
    }
  }

  @Test
  void runsAllAndComparesThem() throws IOException {
    Cli.Outcome outcome = experiment("");
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertEquals("", outcome.err());
    List<String> lines = outcome.outLines();
    assertEquals("experiment Rates", lines.get(0));
    assertEquals("runs      4: 2 of lr x 2 seeds", lines.get(1));
    assertTrue(
        lines.stream()
            .anyMatch(line -> line.matches("run 1/4  lr 0.001, seed 1  test accuracy .*left .*")),
        outcome.out());
    assertEquals(4, runs().size());

    Map<String, Object> record = record();
    assertEquals("finished", record.get("status"));
    assertEquals(4L, record.get("runs_ended"));
    double sum = 0;
    List<Double> single = new ArrayList<>();
    for (int i : new int[] {1, 3}) {
      Map<?, ?> run = entry(record, "runs", i);
      assertEquals(Map.of("lr", "0.05"), run.get("values"));
      Path of = folder.resolve("runs/rates").resolve((String) run.get("folder"));
      Map<String, Object> summary = Json.readObject(Files.readString(of.resolve("summary.json")));
      assertEquals(summary.get("test_accuracy"), run.get("test_accuracy"));
      single.add((Double) summary.get("test_accuracy"));
      sum += single.get(single.size() - 1);
    }
    Map<?, ?> cell = entry(record, "cells", 1);
    Map<?, ?> accuracy = (Map<?, ?>) ((Map<?, ?>) cell.get("figures")).get("test_accuracy");
    assertEquals(sum / 2, (double) accuracy.get("mean"), 1e-12);
    double deviation = Math.abs(single.get(0) - single.get(1)) / Math.sqrt(2);
    assertEquals(deviation, (double) accuracy.get("deviation"), 1e-12);
    assertEquals(true, cell.get("best"));
    assertEquals(false, entry(record, "cells", 0).get("best"));
    Map<?, ?> published = entry(cell, "published", 0);
    assertEquals(sum / 2 - 0.5, (double) published.get("difference"), 1e-12);
    assertEquals(deviation, (double) entry(cell, "published", 1).get("ours"), 1e-12);
    assertEquals("class_recall/3", entry(cell, "published", 2).get("figure"));
    assertEquals("mlp-12", ((Map<?, ?>) record.get("settings")).get("model"));
    assertFalse(((Map<?, ?>) record.get("settings")).containsKey("lr"));

    String row =
        lines.stream().filter(line -> line.matches("0.05 +2 .* best")).findFirst().orElse("");
    assertTrue(row.contains(" \u00b1 "), outcome.out());
    List<String> csv = Files.readAllLines(folder.resolve("runs/rates/results.csv"));
    assertEquals(3, csv.size());
    assertTrue(csv.get(0).startsWith("lr,runs,finished,diverged,best,test_accuracy_mean,"));
    assertTrue(csv.get(2).startsWith("0.05,2,2,0,true," + accuracy.get("mean")), csv.get(2));
    assertEquals(5, Files.readAllLines(folder.resolve("runs/rates/runs.csv")).size());
    String report = Files.readString(runs().get(3).resolve("report.html"));
    assertTrue(report.contains("Published and ours") && report.contains("50.00 %"), report);
  }

  @Test
  void keepsWhatHasEndedAndMakesWhatIsNew() throws IOException {
    experiment("-q");
    List<Path> first = runs();
    FileTime made = Files.getLastModifiedTime(first.get(0).resolve("summary.json"));
    Cli.Outcome again = experiment("");
    assertTrue(again.out().contains("4 of them kept from earlier"), again.out());
    assertFalse(again.out().contains("run 1/4"), again.out());
    Files.writeString(
        folder.resolve("rates.yaml"), RATES.replace("- 0.001", "- 0.001\n    - 0.02"));
    Cli.Outcome more = experiment("--repeats 3");
    assertEquals(0, more.exitCode(), more.err());
    assertEquals(9, runs().size());
    assertTrue(runs().containsAll(first));
    assertEquals(made, Files.getLastModifiedTime(first.get(0).resolve("summary.json")));
    // An epoch more makes every run another one.
    assertEquals(0, experiment("--epochs 3 -q").exitCode());
    assertEquals(15, runs().size());
  }

  @Test
  void goesOnWithARunThatStoppedAndBeginsAnewWhereItCannot() throws IOException {
    experiment("-q");
    List<Path> runs = runs();
    byte[] whole = checkpoint(runs.get(0));
    byte[] other = checkpoint(runs.get(1));
    // As if stopped after the first of two epochs.
    String lr = runs.get(0).toString().contains("0.001") ? "0.001" : "0.05";
    Cli.Outcome half =
        new Cli()
            .in(folder)
            .run(
                ("train mlp-12 --dataset mnist --device reference --batch-size 16 --epochs 1 -q"
                        + " --out half --lr "
                        + lr
                        + " --data-dir "
                        + data)
                    .split(" "));
    assertEquals(0, half.exitCode(), half.err());
    for (String file : List.of("checkpoints/last.safetensors", "metrics.jsonl")) {
      Files.write(
          runs.get(0).resolve(file), Files.readAllBytes(folder.resolve("half").resolve(file)));
    }
    Files.delete(runs.get(0).resolve("summary.json"));
    // Killed before its first epoch had ended.
    Files.delete(runs.get(1).resolve("summary.json"));
    Files.delete(runs.get(1).resolve("checkpoints/last.safetensors"));
    // Killed while it was made.
    Files.delete(runs.get(2).resolve("run.json"));
    Cli.Outcome outcome = experiment("");
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertTrue(outcome.out().contains("1 of them kept"), outcome.out());
    assertEquals(runs, runs());
    assertArrayEquals(whole, checkpoint(runs.get(0)));
    assertArrayEquals(other, checkpoint(runs.get(1)));
    Map<String, Object> resumed =
        Json.readObject(Files.readString(runs.get(0).resolve("run.json")));
    assertEquals(1, ((List<?>) resumed.get("resumed")).size());
    assertNull(Json.readObject(Files.readString(runs.get(1).resolve("run.json"))).get("resumed"));
  }

  private static byte[] checkpoint(Path run) throws IOException {
    return Files.readAllBytes(run.resolve("checkpoints/last.safetensors"));
  }

  @Test
  void keepsADivergedRunAsAResult() throws IOException {
    Files.writeString(folder.resolve("rates.yaml"), RATES.replace("- 0.001", "- 1e30"));
    Cli.Outcome outcome = experiment("");
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertTrue(outcome.out().contains("seed 1  diverged: the loss became"), outcome.out());
    assertTrue(outcome.outLines().stream().anyMatch(line -> line.matches("1e30 .*2 diverged")));
    assertEquals(2L, entry(record(), "cells", 0).get("diverged"));
    assertTrue(experiment("").out().contains("4 of them kept from earlier"));
  }

  @Test
  void listsRunsWithTheirTime() throws IOException {
    Cli.Outcome outcome = experiment("--dry-run --short");
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertTrue(outcome.out().contains("runs      2: 2 of lr\n"), outcome.out());
    assertTrue(
        outcome.outLines().stream()
            .anyMatch(line -> line.matches(" +2  0.05 +1  to do +\\d:\\d\\d")),
        outcome.out());
    assertFalse(Files.exists(folder.resolve("runs")));
    experiment("-q --repeats 1");
    Map<String, Object> document = experiment("--dry-run --json").document();
    assertEquals("finished", entry(document, "runs", 0).get("status"));
    assertNull(entry(document, "runs", 0).get("seconds"));
    assertEquals("to do", entry(document, "runs", 2).get("status"));
    assertTrue((double) entry(document, "runs", 2).get("seconds") > 0);
  }

  @Test
  void answersWithTheRecord() throws IOException {
    Map<String, Object> document = experiment("--short --json").document();
    assertEquals(folder.resolve("runs/rates-short").toString(), document.remove("folder"));
    assertEquals(
        Json.readObject(Files.readString(folder.resolve("runs/rates-short/experiment.json"))),
        document);
    assertEquals(
        "lamina experiment rates.yaml --data-dir " + data + " --short --json",
        document.get("command"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'repeats: 2'        | 'repeats: 2\nseeds: [1]' | ''          | give repeats or seeds, not both
          'model: mlp-12'     | 'model: mpl-12'          | ''          | rates.yaml:3: unknown model mpl-12
          'model: mlp-12'     | 'model: vgg16'           | ''          | rates.yaml:3:
          'dataset: mnist'    | 'dataset: minst'         | ''          | rates.yaml:4: unknown data set
          'epochs: 2'         | 'epochs: none'           | ''          | rates.yaml:7: epochs must be a whole number
          '- 0.001'           | '- fast'                 | ''          | rates.yaml:10: lr must be a number above 0, not fast
          'epochs: 2'         | 'optimizer: adam\n  momentum: 0.5' | '' | momentum (rates.yaml:8) belongs to optimizer sgd
          'epochs: 2'         | 'epochs: 2'              | --lr 1      | --lr cannot be given: rates.yaml varies it (rates.yaml:10)
          'epochs: 2'         | 'epochs: 2'              | --repeats 0 | --repeats must be a whole number from 1 to 1000, not 0
          'epochs: 2'         | 'epochs: 2'              | --out data  | is not empty and holds no experiment
          'repeats: 2'        | 'seeds: [4, 5]'          | --seed 1    | neither --repeats nor --seed can be given
          """)
  void refusesBeforeTheFirstRun(String from, String to, String more, String reason)
      throws IOException {
    Files.writeString(folder.resolve("rates.yaml"), RATES.replace(from, to.replace("\\n", "\n")));
    Cli.Outcome outcome = experiment(more);
    assertEquals(2, outcome.exitCode(), outcome.err());
    assertTrue(outcome.err().contains(reason), outcome.err());
    assertEquals(1, outcome.err().lines().count(), outcome.err());
    assertFalse(Files.exists(folder.resolve("runs")), outcome.out());
  }

  /** The shortened form of what is run at full length by hand. */
  @Test
  void showsTheCurveOfLabelNoise() throws IOException {
    String file =
        Path.of("").toAbsolutePath().resolveSibling("docs/experiments/label-noise.yaml").toString();
    String line = " --short --device cpu --threads 1 --batch-size 16 -q --out noise --data-dir ";
    Cli.Outcome outcome = new Cli().in(folder).run(("experiment " + file + line + data).split(" "));
    assertEquals(0, outcome.exitCode(), outcome.err());
    Map<String, Object> record =
        Json.readObject(Files.readString(folder.resolve("noise/experiment.json")));
    for (Object cell : (List<?>) record.get("cells")) {
      assertEquals(2L, ((Map<?, ?>) cell).get("finished"));
    }
    String page = Files.readString(folder.resolve("noise/experiment.html"));
    assertTrue(page.contains(">label noise</text>"), "the axis");
    // Two seeds never end in the same loss.
    assertTrue(page.split("class=\"whisker s1\"", -1).length - 1 >= 5, "error bars");
    assertTrue(page.contains("Published and ours"), page);
  }

  @Test
  void refusesAVariableThatWouldDecideWhatIsVaried() {
    Cli.Outcome outcome =
        new Cli().in(folder).with("LAMINA_LR", "1").run("experiment", "rates.yaml");
    assertEquals(2, outcome.exitCode());
    assertTrue(outcome.err().contains("LAMINA_LR cannot be given"), outcome.err());
  }
}
