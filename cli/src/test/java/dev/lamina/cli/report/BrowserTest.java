package dev.lamina.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.cli.Cli;
import dev.lamina.cli.TinyMnist;
import dev.lamina.cli.json.Json;
import dev.lamina.cli.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opens the pages in Chromium, where there is one: on a phone and a desktop, light and dark. */
class BrowserTest {
  private static final int PHONE = 390;
  private static final int DESKTOP = 1280;

  @TempDir static Path folder;
  private static final Map<String, Path> PAGES = new LinkedHashMap<>();
  private static Browser browser;

  @BeforeAll
  static void makePages() throws IOException {
    Optional<Browser> found = Browser.find();
    assumeTrue(found.isPresent(), "no chromium on the path");
    browser = found.get();
    Path data = TinyMnist.write(folder.resolve("data"));
    Files.writeString(
        folder.resolve("noise.yaml"),
        """
        title: Rates and batches
        about: What a page of an experiment looks like.
        base: {model: mlp-12, dataset: mnist, device: reference, epochs: 2}
        vary:
          lr: [{value: 0.001, published: {test_accuracy: 0.5, class_recall: {"3": 0.2}}}, 0.01, 0.05]
          batch_size: [8, 16]
        repeats: 2
        """);
    run("experiment noise.yaml -q --out exp --data-dir " + data);
    Path page = folder.resolve("exp/experiment.html");
    PAGES.put("experiment", page);
    Map<String, Object> record =
        Json.readObject(Files.readString(folder.resolve("exp/experiment.json")));
    List<String> runs =
        ((List<?>) record.get("runs"))
            .stream().map(run -> "exp/" + ((Map<?, ?>) run).get("folder")).toList();
    PAGES.put("run", folder.resolve(runs.get(0)).resolve("report.html"));
    run("report " + String.join(" ", runs.subList(0, 8)));
    PAGES.put("comparison", folder.resolve("comparison.html"));
    Files.writeString(
        folder.resolve("kinds.yaml"),
        """
        base: {dataset: mnist, device: reference, epochs: 1, train_limit: 32}
        vary:
          kind:
            - {name: a small perceptron of one hidden layer, model: mlp-12}
            - {name: a perceptron, model: mlp-12-12, published: {test_accuracy_deviation: 0.01}}
        """);
    run("experiment kinds.yaml -q --out kinds --data-dir " + data);
    PAGES.put("kinds", folder.resolve("kinds/experiment.html"));
    PAGES.put("long", longNames());
  }

  private static void run(String line) {
    Cli.Outcome outcome = new Cli().in(folder).run(line.split(" "));
    assertEquals(0, outcome.exitCode(), outcome.err());
  }

  private static Path longNames() throws IOException {
    RunDirectory run = RunDirectory.createAt(folder.resolve("long"));
    run.writeRecord(
        Json.object("configuration", Json.object("model", "m".repeat(90), "dataset", "digits")));
    run.writeSummary(
        Json.object("status", "finished", "test_accuracy", 0.875, "test_loss", 0.5, "epochs", 1));
    run.writeEvaluation(ReportTest.evaluation(12, "long-name-of-a-class"));
    Files.writeString(run.metrics(), ReportTest.epoch(1, "test", 0.5) + "\n");
    return Report.write(run);
  }

  @Test
  void everythingCanBeReadInTheLight() throws Exception {
    requireReadable(false);
  }

  @Test
  void everythingCanBeReadInTheDark() throws Exception {
    requireReadable(true);
  }

  private static void requireReadable(boolean dark) throws Exception {
    Map<String, Browser.Look> looks = browser.look(folder, PAGES, dark, PHONE, DESKTOP);
    assertEquals(2 * PAGES.size(), looks.size());
    List<String> wrong = new ArrayList<>();
    looks.forEach(
        (where, look) -> {
          assertEquals(dark ? "rgb(18, 21, 26)" : "rgb(255, 255, 255)", look.background(), where);
          if (look.sideways() != 0) {
            wrong.add(where + ": " + look.sideways() + " pixels stick out sideways");
          }
          look.faint().forEach(text -> wrong.add(where + ": too little contrast: " + text));
          look.cut().forEach(text -> wrong.add(where + ": cut off: " + text));
          look.overlapping().forEach(text -> wrong.add(where + ": overlapping: " + text));
        });
    assertEquals(List.of(), wrong);
  }

  @Test
  void showsTheFiguresOfTheRun() throws Exception {
    Map<String, Browser.Look> looks = browser.look(folder, PAGES, false, PHONE);
    Path run = PAGES.get("run").getParent();
    Map<String, Object> summary = Json.readObject(Files.readString(run.resolve("summary.json")));
    Map<?, ?> shown = looks.get("run " + PHONE).figures();
    for (String key :
        List.of(
            "test_accuracy",
            "test_loss",
            "train_accuracy",
            "train_loss",
            "samples_per_second",
            "seconds",
            "parameters")) {
      assertEquals(
          ((Number) summary.get(key)).doubleValue(),
          Double.parseDouble((String) shown.get(key)),
          0,
          key);
    }
    Map<String, Object> record =
        Json.readObject(Files.readString(folder.resolve("exp/experiment.json")));
    Map<?, ?> cell = (Map<?, ?>) ((List<?>) record.get("cells")).get(0);
    Map<?, ?> figures = (Map<?, ?>) cell.get("figures");
    double mean = (double) ((Map<?, ?>) figures.get("test_accuracy")).get("mean");
    shown = looks.get("experiment " + PHONE).figures();
    assertEquals(mean, Double.parseDouble((String) shown.get("test_accuracy-1")), 0);
    shown = looks.get("comparison " + PHONE).figures();
    assertEquals(
        summary.get("test_accuracy"), Double.parseDouble((String) shown.get("test_accuracy-A")));
    assertTrue(shown.containsKey("test_accuracy-H"), shown.toString());
  }
}
