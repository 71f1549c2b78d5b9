package dev.lamina.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefaultsTest {
  private static final String FILE =
      """
      {"parameters": {
         "a.size": {"meaning": "sizes", "trials": [1, 2, 4]},
         "a.way": {"meaning": "ways", "trials": [0, 1]}},
       "devices": [
         {"kind": "panels", "of": "", "measured": "here", "usual": {"a.size": 1, "a.way": 0}},
         {"kind": "tiles", "of": "", "measured": "here", "usual": {"a.size": 2}},
         {"kind": "tiles", "of": "Vendor", "measured": "there", "usual": {"a.size": 4}},
         {"kind": "tiles", "of": "vendor, Model 7", "measured": "there", "usual": {"a.way": 1}}]}
      """;

  @Test
  void lastEntryThatFitsCountsAndUnknownDevicesGetThoseOfTheirKind() throws IOException {
    Defaults.Table table = read(FILE);
    assertEquals(1, table.of(true, "Driver, Vendor, Model 7").usual("a.size"));
    assertEquals(2, table.of(false, "Driver, Somebody, Model 1").usual("a.size"));
    assertEquals(4, table.of(false, "Driver, VENDOR, Model 1").usual("a.size"));
    Defaults model = table.of(false, "Driver, Vendor, Model 70");
    assertEquals(4, model.usual("a.size"));
    assertEquals(1, model.usual("a.way"));
    IllegalStateException none =
        assertThrows(
            IllegalStateException.class, () -> table.of(false, "Driver, Vendor").usual("a.way"));
    assertTrue(none.getMessage().contains("a.way"), none.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"a.size\": 1, \"a.way\": 0   | \"a.size\": 3, \"a.way\": 0   | line 5: a.size is 3",
        "\"a.size\": 1, \"a.way\": 0   | \"a.sise\": 1                 | line 5: a.sise is none",
        "\"a.size\": 1, \"a.way\": 0   | \"a.size\": 1, \"a.size\": 2  | Duplicate field 'a.size'",
        "\"a.size\": 1, \"a.way\": 0   | \"a.size\": 1.5               | VALUE_NUMBER_FLOAT",
        "\"kind\": \"panels\"          | \"kind\": \"cpu\"             | kind is cpu",
        "\"measured\": \"here\"        | \"found\": \"here\"           | there is found for"
            + " measured",
        "\"trials\": [0, 1]            | \"trials\": [0]               | two values at least",
        "\"meaning\": \"ways\",        | ''                            | there is trials for"
            + " meaning",
        "\"devices\"                   | \"device\"                    | there is device for"
            + " devices",
        "}}]}                          | }}]                           | Unexpected end-of-input",
        "}}]}                          | }}]} {}                       | there is START_OBJECT"
      })
  void malformedFilesAreErrorsThatSayWhere(String part, String instead, String message) {
    String text = FILE.replaceFirst(Pattern.quote(part), instead);
    IOException wrong = assertThrows(IOException.class, () -> read(text));
    assertTrue(wrong.getMessage().contains(message), wrong.getMessage());
  }

  @Test
  void everyParameterThatFollowsFromNoShapeHasAValueForItsKind() {
    Defaults panels = Defaults.of(true, "a device that nobody knows");
    Defaults tiles = Defaults.of(false, "a device that nobody knows");
    for (String parameter : Defaults.parameters()) {
      boolean byShape =
          Set.of("blocks.positions", "dots.six", "points.together", "weights.block")
              .contains(parameter);
      if (!byShape) {
        Defaults kind = parameter.startsWith("tiles.") ? tiles : panels;
        assertTrue(kind.trials(parameter).contains(kind.usual(parameter)), parameter);
      }
    }
  }

  private static Defaults.Table read(String text) throws IOException {
    return Defaults.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }
}
