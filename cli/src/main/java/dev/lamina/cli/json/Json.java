package dev.lamina.cli.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import dev.lamina.io.FormatException;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes and reads JSON trees of {@link Map}, {@link List}, {@link String}, {@link Number}, {@link
 * Boolean} and {@code null}. NaN and infinities become {@code null}.
 */
public final class Json {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private Json() {}

  /**
   * Makes an object that keeps its order.
   *
   * @param keysAndValues key, value, key, value, …
   */
  public static Map<String, Object> object(Object... keysAndValues) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      object.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return object;
  }

  /** Returns a tree as one line. */
  public static String line(Object tree) {
    return text(tree, false);
  }

  /** Returns a tree on several indented lines, without a newline at the end. */
  public static String document(Object tree) {
    return text(tree, true);
  }

  /**
   * Reads a text that is one object.
   *
   * @throws FormatException if it is not; the message says where and lacks the file's name
   */
  public static Map<String, Object> readObject(String text) throws FormatException {
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new FormatException("it is no JSON object");
      }
      Map<String, Object> object = object(parser);
      if (parser.nextToken() != null) {
        throw new FormatException("something follows the JSON object");
      }
      return object;
    } catch (JsonProcessingException broken) {
      throw new FormatException(
          "line "
              + broken.getLocation().getLineNr()
              + ": "
              + broken.getOriginalMessage().lines().findFirst().orElse("no reason given"),
          broken);
    } catch (FormatException wrong) {
      throw wrong;
    } catch (IOException impossible) {
      throw new IllegalStateException("reading from memory failed", impossible);
    }
  }

  private static String text(Object tree, boolean indented) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(text)) {
      if (indented) {
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
        Separators separators =
            Separators.createDefaultInstance()
                .withObjectFieldValueSpacing(Separators.Spacing.AFTER);
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter(separators);
        printer.indentObjectsWith(indenter);
        printer.indentArraysWith(indenter);
        generator.setPrettyPrinter(printer);
      }
      write(generator, tree);
    } catch (IOException impossible) {
      throw new IllegalStateException("writing to memory failed", impossible);
    }
    return text.toString();
  }

  private static void write(JsonGenerator generator, Object tree) throws IOException {
    if (tree == null) {
      generator.writeNull();
    } else if (tree instanceof Map<?, ?> map) {
      generator.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        generator.writeFieldName((String) entry.getKey());
        write(generator, entry.getValue());
      }
      generator.writeEndObject();
    } else if (tree instanceof Iterable<?> list) {
      generator.writeStartArray();
      for (Object element : list) {
        write(generator, element);
      }
      generator.writeEndArray();
    } else if (tree instanceof Boolean flag) {
      generator.writeBoolean(flag);
    } else if (tree instanceof Long || tree instanceof Integer) {
      generator.writeNumber(((Number) tree).longValue());
    } else if (tree instanceof Double || tree instanceof Float) {
      // A float as its own shortest decimal, not as the nearest double's.
      boolean finite = Double.isFinite(((Number) tree).doubleValue());
      generator.writeNumber(finite ? new BigDecimal(tree.toString()).toString() : "null");
    } else if (tree instanceof BigDecimal number) {
      generator.writeNumber(number);
    } else if (tree instanceof String string) {
      generator.writeString(string);
    } else {
      throw new IllegalArgumentException("no JSON for " + tree.getClass().getName());
    }
  }

  private static Map<String, Object> object(JsonParser parser) throws IOException {
    Map<String, Object> object = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      object.put(key, value(parser));
    }
    return object;
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> {
        List<Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(parser));
        }
        yield list;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? parser.getDecimalValue()
              : (Object) parser.getLongValue();
      default -> parser.getDoubleValue();
    };
  }
}
