package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LaminaTest {
  private static final String ESCAPE = "\u001b";

  @ParameterizedTest
  @ValueSource(strings = {"", "devices", "doctor", "models", "datasets", "completion"})
  void helpsEverywhere(String command) {
    for (String option : List.of("-h", "--help")) {
      Cli.Outcome outcome = new Cli().run((command + " " + option).strip().split(" "));
      assertEquals(0, outcome.exitCode());
      assertEquals("", outcome.err());
      assertTrue(outcome.out().startsWith(("Usage: lamina " + command).strip()), outcome.out());
      for (String shared : List.of("--json", "--quiet", "--verbose", "--version")) {
        assertTrue(outcome.out().contains(shared), outcome.out());
      }
    }
  }

  @Test
  void groupsTheManyOptionsOfTraining() {
    String help = new Cli().run("train", "--help").out();
    int last = 0;
    for (String heading :
        List.of(
            "Network",
            "Data",
            "Folders of pictures as data",
            "Augmentation",
            "Training",
            "Optimizer",
            "Learning rate schedule",
            "Validation and ending",
            "Device",
            "Examples")) {
      int at = help.indexOf("\n" + heading + ":\n");
      assertTrue(at > last, heading + " comes too early or not at all: " + help);
      last = at;
    }
    assertTrue(help.lines().allMatch(line -> line.length() <= 80), help);
  }

  @Test
  void tellsItsVersionEverywhere() {
    Cli.Outcome outcome = new Cli().run("--version");
    assertEquals(0, outcome.exitCode());
    assertTrue(outcome.out().matches("lamina \\d+\\.\\d+\\.\\d+\\S* \\(Java .*\\)\\R"));
    assertEquals(outcome.out(), new Cli().run("models", "--version").out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      textBlock =
          """
          none              | lamina: name a command; see lamina --help
          model             | lamina: unknown command model; did you mean models?; see lamina --help
          xyzzy             | lamina: unknown command xyzzy; see lamina --help
          --jsn models      | lamina: unknown option --jsn; did you mean --json?; see lamina --help
          models --quite    | lamina models: unknown option --quite; did you mean --quiet?; see \
          lamina models --help
          models --qiet=3   | lamina models: unknown option --qiet; did you mean --quiet?; see \
          lamina models --help
          models lenet5     | lamina models: unexpected argument lenet5; see lamina models --help
          devices -q -v     | lamina: -q and -v cannot be given together; see lamina --help
          models --input 3  | lamina models: --input 3: write channels, height and width as 3x32x32
          models --classes 1 | lamina models: --classes 1: must be from 2 to 1,000,000
          models @file      | lamina models: unexpected argument @file; see lamina models --help
          """)
  void refusesWrongUsageInOneLine(String line, String message) {
    Cli.Outcome outcome = new Cli().run(line == null ? new String[0] : line.split(" "));
    assertEquals(2, outcome.exitCode());
    assertEquals("", outcome.out());
    assertEquals(message, outcome.err().strip());
  }

  @Test
  void answersWithOneDocumentEvenOnWrongUsage() {
    Cli.Outcome outcome = new Cli().run("models", "--nonsense", "--json");
    assertEquals(2, outcome.exitCode());
    assertEquals(2L, outcome.document().get("exit_code"));
    assertEquals(outcome.err().strip(), outcome.document().get("error"));
  }

  @Test
  void coloursOnlyTerminalsThatWantIt() {
    assertTrue(new Cli().onTerminal().run("models").out().contains(ESCAPE));
    assertTrue(new Cli().onTerminal().run("--help").out().contains(ESCAPE));
    assertTrue(new Cli().onTerminal().with("NO_COLOR", "").run("models").out().contains(ESCAPE));
    for (Cli plain :
        List.of(
            new Cli(),
            new Cli().onTerminal().with("NO_COLOR", "1"),
            new Cli().onTerminal().with("TERM", "dumb"))) {
      for (String command : List.of("models", "--help", "datasets", "doctor")) {
        assertFalse(plain.run(command).out().contains(ESCAPE), command);
      }
    }
  }

  @Test
  void printsAsciiOnly() {
    for (String command : List.of("--help", "models", "datasets", "devices", "doctor")) {
      String out = new Cli().run(command).out();
      assertTrue(out.chars().allMatch(letter -> letter < 128), command + ": " + out);
    }
  }

  @Test
  void completesInTheShell() throws Exception {
    Cli.Outcome outcome = new Cli().run("completion");
    assertEquals(0, outcome.exitCode());
    assertTrue(outcome.out().contains("complete -F _complete_lamina -o default lamina"));
    assertEquals(
        outcome.out().strip(),
        ((String) new Cli().run("completion", "--json").document().get("script")).strip());
  }
}
