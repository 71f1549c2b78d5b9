package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.io.SafetensorsReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A run of {@code lamina train} and what it leaves. */
class TrainCommandTest extends TinyTraining {
  @Test
  void deviceThatLacksThePrecisionSaysWhatItOffers() {
    Cli.Outcome outcome = train("--epochs 1 --out run --precision bf16");
    assertEquals(3, outcome.exitCode(), outcome.err());
    assertTrue(outcome.err().contains("device reference offers f32, not bf16"), outcome.err());
    assertEquals(2, train("--epochs 1 --out run --precision f16").exitCode());
  }

  @Test
  void trainsAndKeepsEverything() throws IOException {
    Cli.Outcome outcome = train("--epochs 3 --out run");
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertEquals("", outcome.err());
    Path run = folder.resolve("run");
    List<String> lines = outcome.outLines();
    assertEquals("device    reference", lines.get(0));
    assertTrue(lines.contains("model     mlp-12, 9,550 parameters"), outcome.out());
    assertTrue(lines.stream().anyMatch(line -> line.matches("epoch 3/3  loss .* samples/s")));
    assertEquals("run       " + run, lines.get(lines.size() - 1));

    Map<String, Object> record = json(run.resolve("run.json"));
    assertEquals(1L, record.get("schema"));
    Map<?, ?> configuration = (Map<?, ?>) record.get("configuration");
    assertEquals("mlp-12", configuration.get("model"));
    assertEquals(3L, configuration.get("epochs"));
    assertEquals(data.toString(), configuration.get("data_dir"));
    assertEquals("f32", record.get("precision"));
    assertEquals("--lr", ((Map<?, ?>) record.get("origins")).get("lr"));
    assertEquals("reference", ((Map<?, ?>) record.get("device")).get("name"));
    assertEquals(4, ((Map<?, ?>) record.get("data")).size());
    assertFalse(((Map<?, ?>) record.get("choices")).isEmpty());

    List<Map<String, Object>> metrics = metrics(run);
    assertEquals(6, metrics.size());
    assertEquals(
        List.of(
            "epoch",
            "step",
            "split",
            "loss",
            "accuracy",
            "samples_per_second",
            "input_wait_fraction",
            "lr"),
        new ArrayList<>(metrics.get(0).keySet()));
    assertEquals(6L, metrics.get(0).get("step"));
    assertEquals(0.05, metrics.get(0).get("lr"));
    assertEquals("test", metrics.get(5).get("split"));

    Map<String, Object> summary = json(run.resolve("summary.json"));
    assertEquals("finished", summary.get("status"));
    assertEquals(metrics.get(5).get("accuracy"), summary.get("test_accuracy"));
    assertEquals(metrics.get(5).get("loss"), summary.get("test_loss"));
    assertEquals(9550L, summary.get("parameters"));
    assertEquals(18L, summary.get("updates"));
    assertTrue((double) summary.get("train_accuracy") > 0.8, summary.toString());
    assertTrue((double) summary.get("samples_per_second") > 0, summary.toString());
    assertTrue((double) summary.get("seconds") > 0, summary.toString());
    assertTrue((long) summary.get("device_bytes") > 4 * 9550, summary.toString());
    try (SafetensorsReader checkpoint =
        SafetensorsReader.open(run.resolve("checkpoints/last.safetensors"))) {
      assertTrue(checkpoint.tensors().containsKey("fc1.weight"));
    }
  }

  @Test
  void answersWithTheSummary() throws IOException {
    Cli.Outcome outcome = train("--epochs 1 --json");
    Map<String, Object> document = outcome.document();
    Path run = Path.of((String) document.remove("run"));
    assertTrue(run.getFileName().toString().matches("mlp-12-mnist-\\d{8}-\\d{6}-[0-9a-f]{4}"));
    assertEquals(folder.resolve("runs"), run.getParent());
    assertEquals(json(run.resolve("summary.json")), document);
    assertTrue(outcome.err().contains("epoch 1/1"), outcome.err());
    Cli.Outcome quiet = train("--epochs 1 -q");
    assertEquals(1, quiet.outLines().size(), quiet.out());
    assertTrue(quiet.out().startsWith("test accuracy "), quiet.out());
  }

  @Test
  void evaluatesWhatItTrained() throws IOException {
    train("--epochs 2 --out run");
    Map<String, Object> summary = json(folder.resolve("run/summary.json"));
    Cli.Outcome outcome = new Cli().in(folder).run("evaluate", "run", "--json");
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertEquals(summary.get("test_accuracy"), outcome.document().get("accuracy"));
    assertEquals(summary.get("test_loss"), outcome.document().get("loss"));
    assertEquals(30L, outcome.document().get("samples"));
    outcome = new Cli().in(folder).run("evaluate", "run");
    assertTrue(outcome.out().contains("mlp-12 after 2 epochs on 30 test samples of mnist"));
  }

  @Test
  void givesTheSameBitsForTheSameSeed() throws IOException {
    train("--epochs 2 --out a");
    train("--epochs 2 --out b");
    train("--epochs 2 --out c --seed 2");
    assertArrayEquals(checkpoint("a"), checkpoint("b"));
    assertEquals(timeless("a"), timeless("b"));
    assertNotEquals(timeless("a"), timeless("c"));
  }

  @Test
  void repeatsARunFromItsRecord() throws IOException {
    train("--epochs 2 --out a --seed 5 --optimizer adam --lr 0.002 --train-limit 50 --dropout 0.2");
    Cli.Outcome outcome =
        new Cli().in(folder).run("train", "--config", "a/run.json", "--like", "a", "--out", "b");
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertArrayEquals(checkpoint("a"), checkpoint("b"));
    assertEquals(8L, json(folder.resolve("b/summary.json")).get("updates"));
  }

  @Test
  void endsADivergingRunAndKeepsItsRecord() throws IOException {
    Cli.Outcome outcome = train("--epochs 5 --lr 1e30 --out run");
    assertEquals(1, outcome.exitCode());
    assertTrue(outcome.err().contains("the loss became "), outcome.err());
    assertEquals(1, outcome.err().lines().count());
    Map<String, Object> summary = json(folder.resolve("run/summary.json"));
    assertEquals("diverged", summary.get("status"));
    assertNull(summary.get("test_accuracy"));
    assertTrue(train("--epochs 5 --lr 1e30 --json").document().containsKey("error"));
  }

  @Test
  void trainsConvolutionsOnTheCpu() throws IOException {
    Cli.Outcome outcome =
        new Cli()
            .in(folder)
            .run(
                ("train lenet5 --device cpu --dataset mnist --epochs 1 --batch-size 45 --out run"
                        + " --data-dir "
                        + data)
                    .split(" "));
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertEquals(61_706L, json(folder.resolve("run/summary.json")).get("parameters"));
    Cli.Outcome measured = new Cli().in(folder).run("evaluate", "run", "--json");
    assertEquals(
        json(folder.resolve("run/summary.json")).get("test_loss"), measured.document().get("loss"));
  }

  @Test
  void keepsNothingOfADryRun() throws IOException {
    Cli.Outcome outcome = train("--epochs 30 --dry-run");
    assertEquals(0, outcome.exitCode(), outcome.err());
    String last = outcome.outLines().get(outcome.outLines().size() - 1);
    assertTrue(last.startsWith("dry run: a training step, a test batch and a check"), last);
    assertTrue(isEmpty(folder.resolve("runs")));
    assertEquals(1L, train("--epochs 30 --dry-run --json").document().get("updates"));
  }

  @Test
  void explainsThePlanOfAStep() {
    Cli.Outcome outcome = train("--epochs 1 --explain-plan");
    assertTrue(outcome.out().contains("linear"), outcome.out());
    assertTrue(outcome.outLines().stream().anyMatch(line -> line.startsWith("plan ")));
  }

  @Test
  void timesTheTasksOfAStepAndChangesNothing() throws IOException {
    Cli.Outcome outcome = train("--epochs 1 --out run --profile 3");
    assertEquals(0, outcome.exitCode(), outcome.err());
    Path table = folder.resolve("run/profile.txt");
    assertTrue(outcome.outLines().contains("profile   " + table), outcome.out());
    List<String> lines = Files.readAllLines(table);
    assertTrue(lines.get(0).contains(", least of 3 steps on reference: "), lines.get(0));
    assertEquals(1, lines.stream().filter(line -> line.startsWith("fc1 ")).count());
    assertTrue(lines.stream().anyMatch(line -> line.endsWith("%")), lines::toString);
    List<?> events = (List<?>) json(folder.resolve("run/profile.trace.json")).get("traceEvents");
    long products =
        events.stream().filter(each -> "fc1".equals(((Map<?, ?>) each).get("name"))).count();
    assertEquals(3, products);
    train("--epochs 1 --out plain");
    assertArrayEquals(checkpoint("plain"), checkpoint("run"));
    assertEquals(
        json(folder.resolve("plain/evaluation.json")), json(folder.resolve("run/evaluation.json")));
    Map<?, ?> profiled = (Map<?, ?>) json(folder.resolve("run/run.json")).get("choices");
    assertEquals(json(folder.resolve("plain/run.json")).get("choices"), profiled);
  }

  @Test
  void readsVariablesAndWarnsOfMisspeltOnes() throws IOException {
    Cli cli = new Cli().in(folder).with("LAMINA_EPOCHS", "2").with("LAMINA_SED", "3");
    Cli.Outcome outcome = cli.run(arguments("--out run"));
    assertEquals(
        "lamina: warning: variable LAMINA_SED is not used; did you mean LAMINA_SEED?",
        outcome.err().strip());
    assertEquals(2L, json(folder.resolve("run/summary.json")).get("epochs"));
  }
}
