package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cli.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What pixels become: by the data set, by the settings, by the record of a run. */
class NormalizeTest {
  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void makeData() throws IOException {
    data = TinyMnist.write(folder.resolve("data"));
  }

  private Map<?, ?> train(String run, String more) throws IOException {
    String line =
        "train mlp-12 --dataset mnist --device reference --batch-size 16 --epochs 1 --data-dir ";
    List<String> arguments = new ArrayList<>(List.of((line + data).split(" ")));
    arguments.addAll(List.of((more + " --out " + run).strip().split(" ")));
    Cli.Outcome outcome = new Cli().in(folder).run(arguments.toArray(String[]::new));
    assertEquals(0, outcome.exitCode(), outcome.err());
    return (Map<?, ?>) json(run, "run.json").get("samples");
  }

  private Map<String, Object> json(String run, String file) throws IOException {
    return Json.readObject(Files.readString(folder.resolve(run).resolve(file)));
  }

  private double evaluatedLoss(String run) {
    Cli.Outcome outcome = new Cli().in(folder).run("evaluate", run, "--json");
    assertEquals(0, outcome.exitCode(), outcome.err());
    return (double) outcome.document().get("loss");
  }

  private static double first(Map<?, ?> samples, String key) {
    return ((Number) ((List<?>) samples.get(key)).get(0)).doubleValue();
  }

  @Test
  void rangesAreKnownBeforehand() throws IOException {
    Map<?, ?> usual = train("usual", "");
    assertEquals(0.5, first(usual, "mean"));
    assertEquals(0.5, first(usual, "deviation"));
    assertEquals(usual, train("range", "--normalize range"));
    Map<?, ?> none = train("none", "--normalize none");
    assertEquals(0, first(none, "mean"));
    assertEquals(1, first(none, "deviation"));
  }

  @Test
  void statisticsAreOfTheSamplesThatARunLearnsFrom() throws IOException {
    Map<?, ?> all = train("all", "--normalize statistics");
    // Two of 28 rows are brighter by 150: 99 / 2 + 150 * 2 / 28 on average.
    assertEquals((49.5 + 150 / 14.0) / 255, first(all, "mean"), 2e-3);
    Map<?, ?> some = train("some", "--normalize statistics --train-limit 40");
    assertNotEquals(first(all, "mean"), first(some, "mean"));
    Map<?, ?> split = train("split", "--normalize statistics --validation-split 0.5");
    assertNotEquals(first(all, "mean"), first(split, "mean"), "not of validation samples");
  }

  @Test
  void laterCommandsGoByTheRecord() throws IOException {
    train("run", "--normalize statistics");
    double loss = evaluatedLoss("run");
    assertEquals(json("run", "summary.json").get("test_loss"), loss);
    Cli.Outcome resumed =
        new Cli().in(folder).run("train", "--resume", "run", "--epochs", "2", "-q");
    assertEquals(0, resumed.exitCode(), resumed.err());
    Map<?, ?> samples = (Map<?, ?>) json("run", "run.json").get("samples");
    Path record = folder.resolve("run/run.json");
    String mean = "" + ((List<?>) samples.get("mean")).get(0);
    String changed = Files.readString(record).replace(mean, "0.9");
    double before = evaluatedLoss("run");
    Files.writeString(record, changed);
    assertNotEquals(before, evaluatedLoss("run"));
  }

  @Test
  void staysAsItWas() throws IOException {
    train("run", "");
    Cli.Outcome outcome =
        new Cli().in(folder).run("train", "--resume", "run", "--normalize", "none");
    assertEquals(2, outcome.exitCode());
    assertTrue(outcome.err().contains("--normalize cannot be given with --resume"), outcome.err());
  }
}
