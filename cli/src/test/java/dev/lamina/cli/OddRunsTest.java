package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cli.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that went otherwise than planned get a report all the same, which says what is missing. */
class OddRunsTest {
  @TempDir Path folder;

  private Cli.Outcome train(int classes, String more) throws IOException {
    Path data = TinyMnist.write(folder.resolve("data"), classes);
    String line =
        "train mlp-12 --dataset mnist --device reference --batch-size 16 --epochs 2 --out run "
            + more
            + " --data-dir "
            + data;
    return new Cli().in(folder).run(line.split(" "));
  }

  /** Returns the page's text; it must be well-formed. */
  private String report() throws Exception {
    Cli.Outcome outcome = new Cli().in(folder).run("report", "run");
    assertEquals(0, outcome.exitCode(), outcome.err());
    byte[] page = Files.readAllBytes(folder.resolve("run/report.html"));
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(page))
        .getDocumentElement()
        .getTextContent();
  }

  @Test
  void samplesOfOneClassOnly() throws Exception {
    Cli.Outcome outcome = train(1, "--lr 0.05");
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertTrue(outcome.out().contains("test accuracy 100.00 %"), outcome.out());
    String page = report();
    assertTrue(page.contains("9 of the classes have no test samples"), page);
    assertTrue(page.contains("1, 2, 3, 4, 5, and others"), page);
    Cli.Outcome evaluated = new Cli().in(folder).run("evaluate", "run");
    assertEquals(0, evaluated.exitCode(), evaluated.err());
    // Neither samples nor answers: nothing that could be right or wrong.
    assertTrue(
        evaluated.outLines().stream().anyMatch(line -> line.matches("9 +0 +- +- +- +-")),
        evaluated.out());
  }

  @Test
  void aClassWithoutTestImages() throws Exception {
    assertEquals(0, train(9, "--lr 0.05").exitCode());
    String page = report();
    assertTrue(page.contains("1 of the classes have no test samples, and no scores: 9."), page);
    Map<String, Object> evaluation =
        Json.readObject(Files.readString(folder.resolve("run/evaluation.json")));
    assertFalse(Json.line(evaluation).contains("NaN"));
  }

  @Test
  void aLossThatIsNoNumber() throws Exception {
    Cli.Outcome outcome = train(10, "--lr 1e30");
    assertEquals(1, outcome.exitCode());
    assertTrue(outcome.out().contains("report    "), outcome.out());
    String page = report();
    assertTrue(page.contains("Run diverged"), page);
    assertTrue(page.contains("its loss was no longer a finite number"), page);
    assertTrue(page.contains("there are no curves"), page);
  }

  @Test
  void aRunStoppedInItsFirstEpoch() throws Exception {
    assertEquals(0, train(10, "--lr 0.05").exitCode());
    Path run = folder.resolve("run");
    Files.delete(run.resolve("evaluation.json"));
    Files.writeString(run.resolve("metrics.jsonl"), "");
    // As Ctrl-C leaves it.
    Files.writeString(
        run.resolve("summary.json"),
        Json.document(Json.object("status", "interrupted", "epochs", 0, "test_loss", null)));
    String page = report();
    assertTrue(page.contains("Run interrupted, 0 epochs"), page);
    assertTrue(page.contains("there are no curves"), page);
    assertTrue(page.contains("there is no evaluation.json"), page);
    // As a power cut leaves it.
    Files.delete(run.resolve("summary.json"));
    Files.delete(run.resolve("checkpoints/last.safetensors"));
    assertTrue(report().contains("there is no summary.json"));
  }

  @Test
  void aFolderWithDamage() throws Exception {
    assertEquals(0, train(10, "--lr 0.05").exitCode());
    Path run = folder.resolve("run");
    String metrics = Files.readString(run.resolve("metrics.jsonl"));
    Files.writeString(run.resolve("metrics.jsonl"), "\u0000\n{\"epoch\":\n" + metrics + "{\"epo");
    assertTrue(report().contains("3 damaged lines of metrics.jsonl were left out"));
    for (String file : new String[] {"summary.json", "evaluation.json", "run.json"}) {
      byte[] sound = Files.readAllBytes(run.resolve(file));
      Files.write(run.resolve(file), new byte[] {'{', (byte) 0xff});
      String page = report();
      assertTrue(page.contains(file + " is damaged"), page);
      Files.write(run.resolve(file), sound);
    }
  }

  @Test
  void markupInNames() throws Exception {
    assertEquals(0, train(10, "--lr 0.05").exitCode());
    String markup = "<img src=x onerror=alert(1)> & \\\"'";
    for (String file : new String[] {"run.json", "evaluation.json"}) {
      Path path = folder.resolve("run").resolve(file);
      String text = Files.readString(path, StandardCharsets.UTF_8);
      Files.writeString(
          path,
          text.replace("\"mlp-12\"", "\"" + markup + "\"")
              .replace("\"name\":\"3\"", "\"name\":\"" + markup + "\""));
    }
    String page = report();
    assertTrue(page.contains("<img src=x onerror=alert(1)> & \"' on mnist"), page);
    assertFalse(
        Files.readString(folder.resolve("run/report.html")).contains("<img src=x"), "is text");
    assertEquals(0, new Cli().in(folder).run("report", "run", "run").exitCode());
    assertFalse(
        Files.readString(folder.resolve("comparison.html")).contains("<img src=x"), "is text");
  }
}
