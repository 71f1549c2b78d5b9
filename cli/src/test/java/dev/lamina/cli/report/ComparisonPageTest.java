package dev.lamina.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cli.Cli;
import dev.lamina.cli.json.Json;
import dev.lamina.cli.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonPageTest {
  @TempDir Path folder;

  private void run(String name, String optimizer, double accuracy, double loss, int classes)
      throws IOException {
    RunDirectory run = RunDirectory.createAt(folder.resolve(name));
    run.writeRecord(
        Json.object(
            "configuration",
            Json.object("model", "lenet5", "dataset", "mnist", "optimizer", optimizer)));
    run.writeSummary(
        Json.object(
            "status", "finished", "epochs", 3, "test_accuracy", accuracy, "test_loss", loss));
    run.writeEvaluation(ReportTest.evaluation(classes, "class"));
    Files.writeString(run.metrics(), ReportTest.epoch(1, "test", loss) + "\n");
  }

  private String page(String... runs) throws IOException {
    String line = "report --out page.html " + String.join(" ", runs);
    Cli.Outcome outcome = new Cli().in(folder).run(line.split(" "));
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertEquals(folder.resolve("page.html").toString(), outcome.out().strip());
    return Files.readString(folder.resolve("page.html"));
  }

  @Test
  void saysWhatDiffersAndWhatIsBest() throws IOException {
    run("one", "sgd", 0.9, 0.3, 3);
    run("two", "adam", 0.8, 0.2, 3);
    String page = page("one", "two");
    assertTrue(page.contains(" optimizer sgd<") && page.contains(" optimizer adam<"), page);
    assertFalse(page.contains("model lenet5"), "what is equal says nothing");
    assertTrue(page.contains("class=\"best\" data-label=\"test accuracy\"><data value=\"0.9\""));
    assertTrue(page.contains("class=\"best\" data-label=\"test loss\"><data value=\"0.2\""));
    assertTrue(page.contains("class=\"other\" data-label=\"test loss\"><data value=\"0.3\""));
    assertTrue(page.contains("F1 by class"));
    assertTrue(page.contains("<pre>lamina report --out page.html one two</pre>"));
    assertFalse(page.contains("http"), "no address");
  }

  @Test
  void bearsRunsThatLackThings() throws IOException {
    run("one", "sgd", 0.9, 0.3, 3);
    RunDirectory bare = RunDirectory.createAt(folder.resolve("bare"));
    bare.writeRecord(Json.object("schema", 1));
    Files.writeString(bare.metrics(), "{\n");
    String page = page("one", "bare");
    assertTrue(page.contains("B: The run has not ended"), page);
    assertTrue(page.contains("B: 1 damaged lines"), page);
    assertFalse(page.contains("F1 by class"), "there are no common classes");
    assertTrue(page("bare", "bare").contains("Comparison of 2 runs"));
  }

  @Test
  void refusesWhatCannotBeShown() throws IOException {
    run("one", "sgd", 0.9, 0.3, 2);
    Cli cli = new Cli().in(folder);
    Cli.Outcome many = cli.run(("report" + " one".repeat(9)).split(" "));
    assertEquals(2, many.exitCode());
    assertTrue(many.err().contains("9 runs are more than the 8"), many.err());
    assertEquals(2, cli.run("report", "one", "--out", "x.html").exitCode());
    Cli.Outcome taken = cli.run("report", "one", "one", "--out", "one");
    assertTrue(taken.err().contains("is a folder; name a file"), taken.err());
  }
}
