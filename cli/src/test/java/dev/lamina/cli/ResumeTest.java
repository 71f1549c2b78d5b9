package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Runs that stop before their end, and go on. */
class ResumeTest extends TinyTraining {
  @Test
  void goesOnAsIfItHadNotStopped() throws IOException {
    train("--epochs 4 --out whole");
    train("--epochs 2 --out parts");
    Cli.Outcome outcome = new Cli().in(folder).run("train", "--resume", "parts", "--epochs", "4");
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertArrayEquals(checkpoint("whole"), checkpoint("parts"));
    assertEquals(timeless("whole"), timeless("parts"));
    Map<String, Object> record = json(folder.resolve("parts/run.json"));
    assertEquals(4L, ((Map<?, ?>) record.get("configuration")).get("epochs"));
    assertEquals(1, ((List<?>) record.get("resumed")).size());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS) // has no signals
  void savesWhereItStandsOnCtrlC() throws Exception {
    String settings = "--epochs 80 --batch-size 7 --out ";
    train(settings + "whole");
    Interrupted run = interruptAt("epoch  3/80", arguments(settings + "run"));
    assertEquals("interrupted; go on with: lamina train --resume run", last(run.rest()));
    assertEquals("lamina: warning: stopping after this step; once more stops at once", run.err());
    assertEquals(130, run.exitCode());
    Map<String, Object> summary = json(folder.resolve("run/summary.json"));
    assertEquals("interrupted", summary.get("status"));
    assertTrue((long) summary.get("epochs") < 80, summary.toString());
    assertNull(summary.get("train_accuracy"));

    Cli.Outcome outcome = new Cli().in(folder).run("train", "--resume", "run");
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertArrayEquals(checkpoint("whole"), checkpoint("run"));
    assertEquals(timeless("whole"), timeless("run"));
  }

  @Test
  @DisabledOnOs(OS.WINDOWS) // has no signals
  void leavesOutTheRestOfAProfileOnCtrlC() throws Exception {
    // Large enough for a thousand steps to take a minute, so that they are under way.
    String[] large = arguments("--epochs 1 --profile 1000 --out run");
    large[Arrays.asList(large).indexOf("mlp-12")] = "mlp-1024";
    Interrupted run = interruptAt("test accuracy", large);
    assertEquals(130, run.exitCode(), run.err());
    assertEquals("finished", json(folder.resolve("run/summary.json")).get("status"));
    assertTrue(Files.notExists(folder.resolve("run/profile.txt")));
  }

  /** What a process prints once it has been asked to stop. */
  private record Interrupted(List<String> rest, String err, int exitCode) {}

  /**
   * Trains in a process that is asked to stop when it prints a line with that start. By TERM, which
   * does the same: a process that began in the background ignores INT.
   */
  private Interrupted interruptAt(String start, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("LAMINA_HOME", folder.resolve("home").toString());
    Process process = builder.start();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine();
      while (line != null && !line.startsWith(start)) {
        line = out.readLine();
      }
      // By its handle, which leaves the streams open.
      process.toHandle().destroy();
      List<String> rest = out.lines().toList();
      String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Interrupted(rest, err.strip(), process.waitFor());
    } finally {
      process.destroyForcibly();
    }
  }

  private static String last(List<String> lines) {
    return lines.get(lines.size() - 1);
  }

  @Test
  void refusesToGoOnWhereThereIsNothingToDo() throws IOException {
    train("--epochs 1 --out run");
    Cli.Outcome outcome = new Cli().in(folder).run("train", "--resume", "run");
    assertEquals(2, outcome.exitCode());
    assertTrue(outcome.err().contains("has all its 1 epochs; give --epochs to go on"));
    outcome = new Cli().in(folder).run("train", "--resume", "run", "--epochs", "2", "--out", "x");
    assertEquals(2, outcome.exitCode());
    Files.delete(folder.resolve("run/checkpoints/last.safetensors"));
    outcome = new Cli().in(folder).run("train", "--resume", "run", "--epochs", "2");
    assertTrue(outcome.err().contains("has no checkpoint to go on from; start it anew with"));
  }

  @Test
  void refusesToGoOnWithDamagedOrOtherThings() throws IOException {
    train("--epochs 1 --out run");
    byte[] sound = checkpoint("run");
    byte[] damaged = sound.clone();
    damaged[damaged.length - 1] ^= 1;
    Files.write(folder.resolve("run/checkpoints/last.safetensors"), damaged);
    Cli.Outcome outcome = new Cli().in(folder).run("train", "--resume", "run", "--epochs", "2");
    assertEquals(4, outcome.exitCode());
    assertTrue(outcome.err().contains("do not match their checksum"), outcome.err());
    Files.write(folder.resolve("run/checkpoints/last.safetensors"), sound);

    Path other = TinyMnist.write(folder.resolve("other"));
    Files.copy(
        other.resolve("t10k-images-idx3-ubyte.gz"), other.resolve("t10k-labels-idx1-ubyte.gz.bak"));
    Files.write(
        other.resolve("train-labels-idx1-ubyte.gz"),
        Files.readAllBytes(data.resolve("train-labels-idx1-ubyte.gz")));
    byte[] images = Files.readAllBytes(other.resolve("t10k-images-idx3-ubyte.gz"));
    images[4] = 1; // the time in the gzip header: other bytes, same content
    Files.write(other.resolve("t10k-images-idx3-ubyte.gz"), images);
    outcome =
        new Cli()
            .in(folder)
            .run("train", "--resume", "run", "--epochs", "2", "--data-dir", other.toString());
    assertEquals(4, outcome.exitCode());
    assertTrue(outcome.err().contains("the data is not what this run began with"), outcome.err());
    assertArrayEquals(sound, checkpoint("run"));
  }

  @Test
  void keepsTheBestByValidationAndStopsEarly() throws IOException {
    // after the first step in a wrong direction nothing gets better with such a rate
    Cli.Outcome outcome =
        train("--epochs 30 --out run --validation-split 0.2 --early-stopping 2 --lr 1e-20");
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertTrue(outcome.out().contains("stopped early: 2 epochs without"), outcome.out());
    String data = outcome.outLines().stream().filter(l -> l.startsWith("data")).findFirst().get();
    assertTrue(data.matches(".* 70 training, 20 validation and 30 test samples.*"), data);
    Path run = folder.resolve("run");
    Map<String, Object> summary = json(run.resolve("summary.json"));
    assertEquals("stopped early", summary.get("status"));
    assertEquals(3L, summary.get("epochs"));
    assertEquals(1L, summary.get("best_epoch"));
    assertEquals(
        List.of("train", "validation", "test"),
        metrics(run).stream().limit(3).map(line -> line.get("split")).toList());
    assertEquals(0, new Cli().in(folder).run("evaluate", "run", "--best").exitCode());
    Cli.Outcome again = new Cli().in(folder).run("train", "--resume", "run");
    assertTrue(again.err().contains("give a larger --early-stopping"), again.err());
    train("--epochs 1 --out other");
    Cli.Outcome none = new Cli().in(folder).run("evaluate", "other", "--best");
    assertTrue(none.err().contains("it was not trained with --validation-split"), none.err());
  }
}
