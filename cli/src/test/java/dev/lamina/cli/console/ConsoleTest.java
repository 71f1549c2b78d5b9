package dev.lamina.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.cli.console.Console.Verbosity;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConsoleTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private Console console(boolean terminal, Verbosity verbosity, boolean json) {
    return new Console(
        new Invocation(
            new PrintStream(out, false, StandardCharsets.UTF_8),
            new PrintStream(err, false, StandardCharsets.UTF_8),
            terminal,
            terminal,
            Map.of("COLUMNS", "12"),
            Path.of("")),
        verbosity,
        json);
  }

  private String text(ByteArrayOutputStream stream) {
    return stream.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  @Test
  void redrawsOneLineOnATerminal() {
    Console console = console(true, Verbosity.NORMAL, false);
    console.status("batch 10/99, a long line");
    console.status("batch 5");
    console.info("epoch 1");
    console.info("epoch 2");
    assertEquals(
        "\rbatch 10/99" + "\rbatch 5    " + "\r       \r" + "epoch 1\nepoch 2\n", text(out));
  }

  @Test
  void wrapsLists() {
    console(false, Verbosity.NORMAL, false)
        .infoList("what  ", List.of("a".repeat(40), "b".repeat(31), "c", "d".repeat(90)));
    assertEquals(
        "what  %s, %s,\n      c,\n      %s\n"
            .formatted("a".repeat(40), "b".repeat(31), "d".repeat(90)),
        text(out));
  }

  @Test
  void drawsNothingElsewhere() {
    console(false, Verbosity.NORMAL, false).status("batch 10/99");
    console(true, Verbosity.QUIET, false).status("batch 10/99");
    assertEquals("", text(out));
  }

  @Test
  void saysAsMuchAsIsWanted() {
    for (Verbosity verbosity : Verbosity.values()) {
      Console console = console(false, verbosity, false);
      console.result("result");
      console.info("info");
      console.detail("detail");
    }
    assertEquals("result\nresult\ninfo\nresult\ninfo\ndetail\n", text(out));
  }

  @Test
  void keepsStandardOutputForTheDocument() {
    Console console = console(false, Verbosity.NORMAL, true);
    console.info("text");
    console.warn("careful");
    console.document(Map.of("a", 1));
    assertEquals("{\n  \"a\": 1\n}\n", text(out));
    assertEquals("text\nlamina: warning: careful\n", text(err));
  }
}
