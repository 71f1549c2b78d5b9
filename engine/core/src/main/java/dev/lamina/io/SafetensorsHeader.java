package dev.lamina.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.lamina.tensor.Shape;
import dev.lamina.tensor.ShapeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * The JSON text in front of a safetensors file, read without trust: after {@link #parse} every
 * tensor lies inside the file, none overlaps another, and no byte is left over.
 */
final class SafetensorsHeader {
  static final String METADATA = "__metadata__";

  /** Key of the checksum that Lamina adds to the metadata. */
  static final String CHECKSUM = "crc32c";

  /** Some hundred thousand tensors: far more than a model has, small enough for any heap. */
  static final int MAX_BYTES = 16 << 20;

  /** Largest piece of a tensor that is handed on at once, in units of the widest element. */
  static final int CHUNK_WORDS = (1 << 20) / Long.BYTES;

  private static final int MAX_NAME = 1000;
  private static final int MAX_RANK = 16;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(3)
                  .maxNameLength(MAX_NAME)
                  .maxStringLength(MAX_BYTES)
                  .maxNumberLength(20)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final List<StoredTensor> tensors = new ArrayList<>();

  private SafetensorsHeader() {}

  /**
   * Reads the text.
   *
   * @param text the JSON text
   * @param start offset of the first tensor in the file
   * @param fileBytes size of the file
   * @throws FormatException if anything is not as the format wants it; the message lacks the file
   */
  static SafetensorsHeader parse(byte[] text, long start, long fileBytes) throws FormatException {
    SafetensorsHeader header = new SafetensorsHeader();
    try (JsonParser json = JSON.createParser(text)) {
      expect(json.nextToken() == JsonToken.START_OBJECT, "its header is no JSON object");
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String name = json.currentName();
        json.nextToken();
        if (name.equals(METADATA)) {
          header.readMetadata(json);
        } else {
          header.readTensor(json, name, start);
        }
      }
      expect(json.nextToken() == null, "its header goes on after its end");
    } catch (JsonProcessingException broken) {
      throw new FormatException("its header is not sound: " + firstLine(broken), broken);
    } catch (FormatException wrong) {
      throw wrong;
    } catch (IOException impossible) {
      throw new IllegalStateException("reading from memory failed", impossible);
    }
    header.checkPlaces(start, fileBytes);
    return header;
  }

  Map<String, String> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  /** Returns the tensors as they lie in the file. */
  List<StoredTensor> tensors() {
    return tensors;
  }

  static String checksum(long value) {
    return String.format("%08x", value);
  }

  static void checkName(String name) {
    if (name.isEmpty() || name.length() > MAX_NAME || name.equals(METADATA)) {
      throw new IllegalArgumentException("\"" + printable(name) + "\" cannot name a tensor");
    }
  }

  /** Returns text of unknown origin, short and without control characters. */
  static String printable(String text) {
    StringBuilder safe = new StringBuilder();
    text.codePoints()
        .limit(80)
        .forEach(
            point -> {
              int type = Character.getType(point);
              boolean shown =
                  type != Character.CONTROL
                      && type != Character.FORMAT
                      && type != Character.SURROGATE
                      && type != Character.UNASSIGNED
                      && type != Character.LINE_SEPARATOR
                      && type != Character.PARAGRAPH_SEPARATOR;
              safe.appendCodePoint(shown ? point : '?');
            });
    return safe.length() < text.length() ? safe + "..." : safe.toString();
  }

  private void readMetadata(JsonParser json) throws IOException {
    expect(json.currentToken() == JsonToken.START_OBJECT, METADATA + " is no object");
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      boolean text = json.nextToken() == JsonToken.VALUE_STRING;
      expect(text, "metadata \"" + printable(key) + "\" is no text");
      metadata.put(key, json.getText());
    }
  }

  private void readTensor(JsonParser json, String name, long start) throws IOException {
    String tensor = "tensor \"" + printable(name) + "\"";
    expect(!name.isEmpty(), "a tensor has no name");
    expect(json.currentToken() == JsonToken.START_OBJECT, tensor + " is no object");
    StoredType type = null;
    Shape shape = null;
    long[] range = null;
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String field = json.currentName();
      json.nextToken();
      switch (field) {
        case "dtype" -> type = type(json, tensor);
        case "shape" -> shape = shape(json, tensor);
        case "data_offsets" -> range = longs(json, tensor, 2);
        default ->
            throw new FormatException(
                tensor + " has an unknown field \"" + printable(field) + "\"");
      }
    }
    expect(
        type != null && shape != null && range != null && range.length == 2,
        tensor + " lacks its dtype, shape or data_offsets");
    StoredTensor stored;
    long end;
    try {
      stored = new StoredTensor(name, type, shape, Math.addExact(start, range[0]));
      end = Math.addExact(range[0], stored.bytes());
    } catch (ArithmeticException overflow) {
      throw new FormatException(tensor + " is larger than any file");
    }
    expect(
        range[0] >= 0 && range[1] == end,
        tensor
            + (" lies at " + range[0] + " to " + range[1])
            + (" of the data, but " + type + shape + " takes " + stored.bytes() + " bytes"));
    tensors.add(stored);
  }

  private void checkPlaces(long start, long fileBytes) throws FormatException {
    tensors.sort(Comparator.comparingLong(StoredTensor::offset));
    long next = start;
    for (StoredTensor tensor : tensors) {
      expect(
          tensor.offset() == next,
          "tensor \""
              + printable(tensor.name())
              + (tensor.offset() < next ? "\" overlaps another" : "\" follows a gap"));
      next += tensor.bytes();
      expect(
          next <= fileBytes,
          "tensor \""
              + printable(tensor.name())
              + ("\" ends at byte " + next + ", the file at " + fileBytes + ": it is cut short"));
    }
    expect(next == fileBytes, "it has " + (fileBytes - next) + " bytes after its last tensor");
  }

  private static StoredType type(JsonParser json, String tensor) throws IOException {
    String given = json.currentToken() == JsonToken.VALUE_STRING ? json.getText() : "";
    for (StoredType type : StoredType.values()) {
      if (type.name().equals(given)) {
        return type;
      }
    }
    throw new FormatException(tensor + " has an unknown dtype \"" + printable(given) + "\"");
  }

  private static Shape shape(JsonParser json, String tensor) throws IOException {
    try {
      return Shape.of(longs(json, tensor, MAX_RANK));
    } catch (ShapeException bad) {
      throw new FormatException(tensor + ": " + bad.getMessage());
    }
  }

  private static long[] longs(JsonParser json, String tensor, int most) throws IOException {
    expect(json.currentToken() == JsonToken.START_ARRAY, tensor + " lacks a list of numbers");
    LongStream.Builder numbers = LongStream.builder();
    int count = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      expect(
          json.currentToken() == JsonToken.VALUE_NUMBER_INT && ++count <= most,
          tensor + " has a list of other things than " + most + " whole numbers or fewer");
      numbers.add(json.getLongValue());
    }
    return numbers.build().toArray();
  }

  private static String firstLine(JsonProcessingException broken) {
    return printable(broken.getOriginalMessage().lines().findFirst().orElse("no reason given"));
  }

  private static void expect(boolean met, String otherwise) throws FormatException {
    if (!met) {
      throw new FormatException(otherwise);
    }
  }
}
