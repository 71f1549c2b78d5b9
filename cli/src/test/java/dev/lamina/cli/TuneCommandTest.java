package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code lamina tune} as users meet it; the search itself is tested where the devices are. */
class TuneCommandTest {
  @TempDir Path folder;

  @Test
  void deviceThatTunesItselfIsToldSo() {
    Cli.Outcome outcome = new Cli().in(folder).run("tune", "mlp", "--device", "cpu");
    assertEquals(ExitCode.DEVICE, outcome.exitCode(), outcome.err());
    assertTrue(outcome.err().contains("cpu needs no tuning"), outcome.err());
    assertTrue(outcome.err().contains("--device opencl:0"), outcome.err());
  }

  /** Of the networks some take no samples as small as the digits; that is not what matters here. */
  @Test
  void refusalComesBeforeAnythingElse() {
    Cli.Outcome outcome = new Cli().in(folder).run("tune", "--device", "cpu");
    assertEquals(ExitCode.DEVICE, outcome.exitCode(), outcome.err());
    assertEquals("", outcome.out());
    assertEquals(1, outcome.err().lines().count(), outcome.err());
  }

  @Test
  void unknownModelIsAMistakeOfUsage() {
    Cli.Outcome outcome = new Cli().in(folder).run("tune", "lenet6");
    assertEquals(ExitCode.USAGE, outcome.exitCode(), outcome.err());
    assertTrue(outcome.err().contains("lenet5"), outcome.err());
  }

  @Test
  void helpNamesWhatCanBeGiven() {
    Cli.Outcome outcome = new Cli().in(folder).run("tune", "--help");
    assertEquals(ExitCode.OK, outcome.exitCode());
    for (String option : new String[] {"--again", "--device", "--batch-size", "--json"}) {
      assertTrue(outcome.out().contains(option), outcome.out());
    }
  }
}
