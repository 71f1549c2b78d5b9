package dev.lamina.opencl;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.lamina.device.DeviceTuning.Found;
import dev.lamina.io.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What tuning found for one device and driver, by call. The file is replaced whole at each finding;
 * one that is damaged or of another device is left aside, and the warning names it.
 */
final class TuningFile {
  private static final JsonFactory JSON = new JsonFactory();

  private final Path file;
  private final String subject;
  private final Map<String, Found> found = new TreeMap<>();

  /**
   * Reads the file, if there is one.
   *
   * @param folder where files of all devices are
   * @param subject device, driver and kind of kernels
   */
  TuningFile(Path folder, String subject) {
    this.subject = subject;
    file = folder.resolve(hash(subject) + ".json");
    if (Files.exists(file)) {
      read();
    }
  }

  Path path() {
    return file;
  }

  Map<String, Found> found() {
    return found;
  }

  /** Returns a text that changes with what was found; empty if nothing was. */
  String stamp() {
    return found.isEmpty() ? "" : hash(found.toString());
  }

  private void read() {
    Map<String, Found> calls = new TreeMap<>();
    String of = null;
    try (JsonParser parser = JSON.createParser(file.toFile())) {
      expect(parser, JsonToken.START_OBJECT);
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        if (name.equals("subject")) {
          of = parser.nextTextValue();
        } else if (name.equals("calls")) {
          expect(parser, JsonToken.START_OBJECT);
          for (String call = parser.nextFieldName(); call != null; call = parser.nextFieldName()) {
            calls.put(call, found(parser));
          }
        } else {
          parser.nextToken();
          parser.skipChildren();
        }
      }
      if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
        throw new IOException("it does not end as it should");
      }
    } catch (IOException damaged) {
      String reason = damaged.getMessage().lines().findFirst().orElse("unreadable");
      log().warn("{} is damaged ({}) and not used; lamina tune makes it anew", file, reason);
      return;
    }
    if (subject.equals(of)) {
      found.putAll(calls);
    } else {
      log().warn("{} was found on another device ({}) and is not used", file, of);
    }
  }

  private static Found found(JsonParser parser) throws IOException {
    expect(parser, JsonToken.START_OBJECT);
    String way = null;
    long nanos = 0;
    long usual = 0;
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      switch (name) {
        case "way" -> way = parser.nextTextValue();
        case "nanos" -> nanos = parser.nextLongValue(0);
        case "usual_nanos" -> usual = parser.nextLongValue(0);
        default -> throw new IOException("it has a field " + name);
      }
    }
    if (way == null || nanos <= 0 || usual <= 0) {
      throw new IOException("a call has no way or no time");
    }
    return new Found(way, nanos, usual);
  }

  private static void expect(JsonParser parser, JsonToken token) throws IOException {
    if (parser.nextToken() != token) {
      throw new IOException("it is not what lamina tune writes");
    }
  }

  /**
   * Notes what was found for a call, and writes everything.
   *
   * @throws IOException if that is not possible; it is noted all the same
   */
  void put(String call, Found way) throws IOException {
    found.put(call, way);
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeStringField("subject", subject);
      json.writeObjectFieldStart("calls");
      for (Map.Entry<String, Found> entry : found.entrySet()) {
        json.writeObjectFieldStart(entry.getKey());
        json.writeStringField("way", entry.getValue().way());
        json.writeNumberField("nanos", entry.getValue().nanos());
        json.writeNumberField("usual_nanos", entry.getValue().usualNanos());
        json.writeEndObject();
      }
      json.writeEndObject();
      json.writeEndObject();
    }
    Files.createDirectories(file.getParent());
    AtomicFile.write(file, text.toByteArray());
  }

  private static String hash(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] bytes = digest.digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(bytes, 0, 8);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JDK has SHA-256", impossible);
    }
  }

  private static Logger log() {
    return LoggerFactory.getLogger(TuningFile.class);
  }
}
