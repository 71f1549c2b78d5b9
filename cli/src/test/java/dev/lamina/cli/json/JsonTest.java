package dev.lamina.cli.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.io.FormatException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void writesNullForWhatIsNoNumber() {
    assertEquals(
        "{\"a\":null,\"b\":null,\"c\":null,\"d\":1.5,\"e\":0.1,\"f\":3,\"g\":[true,\"x\\n\"]}",
        Json.line(
            Json.object(
                "a",
                Double.NaN,
                "b",
                Float.POSITIVE_INFINITY,
                "c",
                null,
                "d",
                1.5,
                "e",
                0.1f,
                "f",
                3,
                "g",
                List.of(true, "x\n"))));
  }

  @Test
  void readsBackWhatItWrote() throws FormatException {
    Map<String, Object> tree =
        Json.object(
            "text",
            "ümlaut \"quoted\"",
            "long",
            Long.MAX_VALUE,
            "double",
            1e-7,
            "list",
            Arrays.asList(1L, null, Json.object("deep", false)),
            "empty",
            Json.object());
    assertEquals(tree, Json.readObject(Json.line(tree)));
    assertEquals(tree, Json.readObject(Json.document(tree)));
    assertTrue(Json.document(tree).startsWith("{\n  \"text\": \"ümlaut"), Json.document(tree));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "3", "{", "{\"a\":}", "{}{}", "{\"a\":1,\"a\":2}", "{'a':1}"})
  void refusesWhatIsNoObject(String text) {
    assertThrows(FormatException.class, () -> Json.readObject(text));
  }

  @Test
  void saysOnWhichLineItIsWrong() {
    FormatException wrong =
        assertThrows(FormatException.class, () -> Json.readObject("{\n\"a\": 1,\n\"b\": x}"));
    assertTrue(wrong.getMessage().startsWith("line 3: "), wrong.getMessage());
  }
}
