package dev.lamina.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CharactersTest {
  private static final String TEXT = "98.7 \u00b1 0.1 % \u2026 Stra\u00dfe \ud83d\ude00";

  @Test
  void saysThingsPlainlyWhereAccentsAreUnknown() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream stream = Characters.stream(out, StandardCharsets.US_ASCII);
    stream.println(TEXT);
    stream.println((Object) "1 \u00d7 2");
    String end = System.lineSeparator();
    String expected = "98.7 +- 0.1 % ... Stra?e ?" + end + "1 x 2" + end;
    assertEquals(expected, out.toString(StandardCharsets.ISO_8859_1));
  }

  @Test
  void changesNothingThatCanBeSaid() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Characters.stream(out, StandardCharsets.UTF_8).print(TEXT);
    assertEquals(TEXT, out.toString(StandardCharsets.UTF_8));
  }
}
