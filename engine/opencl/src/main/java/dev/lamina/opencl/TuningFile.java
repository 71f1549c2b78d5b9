package dev.lamina.opencl;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.lamina.device.DeviceTuning.Found;
import dev.lamina.io.AtomicFile;
import dev.lamina.io.TextHash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What tuning found for one device and driver, by call. The file is replaced whole at each finding,
 * with what other processes have put there meanwhile; one that is damaged or of another device is
 * left aside, and the warning names it. The empty lock file beside it stays.
 */
final class TuningFile {
  private static final JsonFactory JSON = new JsonFactory();

  private static final int HASH_BYTES = 8;

  /** A file lock belongs to the whole process and does not hold its threads apart. */
  private static final Object THREADS = new Object();

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
    file = folder.resolve(TextHash.of(subject, HASH_BYTES) + ".json");
    found.putAll(usable());
  }

  Path path() {
    return file;
  }

  Map<String, Found> found() {
    return found;
  }

  /** Returns a text that changes with what was found; empty if nothing was. */
  String stamp() {
    return found.isEmpty() ? "" : TextHash.of(found.toString(), HASH_BYTES);
  }

  /** Returns what the file has; nothing if there is none or it is of no use, which is logged. */
  private Map<String, Found> usable() {
    try {
      return Files.exists(file) ? read() : new TreeMap<>();
    } catch (IOException unusable) {
      log().warn("{} {}", file, unusable.getMessage());
      return new TreeMap<>();
    }
  }

  /**
   * Reads the file.
   *
   * @throws IOException if it is damaged or of another device; the message goes on from its name
   */
  private Map<String, Found> read() throws IOException {
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
      throw new IOException(
          "is damaged (" + reason + ") and not used; lamina tune makes it anew", damaged);
    }
    if (!subject.equals(of)) {
      throw new IOException("was found on another device (" + of + ") and is not used");
    }
    return calls;
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
   * Notes what was found for a call and what other processes have found, and writes everything.
   * Waits while another process does so.
   *
   * @throws IOException if that is not possible; it is noted all the same
   */
  void put(String call, Found way) throws IOException {
    found.put(call, way);
    Files.createDirectories(file.getParent());
    Path lock = file.resolveSibling(file.getFileName() + ".lock");
    synchronized (THREADS) {
      try (FileChannel channel =
          FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        // Closing the channel gives the lock back.
        channel.lock();
        merge(call);
        AtomicFile.write(file, text());
      }
    }
  }

  /** Takes over what the file has, which is newer than all but what was found just now. */
  private void merge(String newest) {
    Map<String, Found> others = usable();
    others.remove(newest);
    found.putAll(others);
  }

  private byte[] text() throws IOException {
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
    return text.toByteArray();
  }

  private static Logger log() {
    return LoggerFactory.getLogger(TuningFile.class);
  }
}
