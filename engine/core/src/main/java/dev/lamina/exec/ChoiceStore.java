package dev.lamina.exec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.lamina.device.Device;
import dev.lamina.graph.Graph;
import dev.lamina.io.AtomicFile;
import dev.lamina.io.CacheFolder;
import dev.lamina.io.TextHash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers choices between processes, so that the second run of a model on a device is made of the
 * same plans as the first, bit by bit, and starts sooner. One small file for each device, with its
 * library versions and what tuning found, and graph; a file that is damaged or of another device is
 * left aside.
 */
public final class ChoiceStore {
  private static final int KEY_BYTES = 8;

  /** Raised when keys or names of choices change their meaning. */
  private static final String VERSION = "1";

  private static final JsonFactory JSON = new JsonFactory();

  private final Path file;
  private final String subject;

  private ChoiceStore(Path file, String subject) {
    this.file = file;
    this.subject = subject;
  }

  /** Returns the store of a graph on a device, in the user's cache folder. */
  public static ChoiceStore of(Device device, Graph graph) {
    return of(CacheFolder.standard(), device, graph);
  }

  /** Returns the store of a graph on a device in that folder. */
  public static ChoiceStore of(Path cache, Device device, Graph graph) {
    StringBuilder text = new StringBuilder(device.fingerprint());
    text.append(" lanes ").append(device.maxLanes());
    device.tuning().ifPresent(tuning -> text.append(tuning.stamp()));
    graph
        .nodes()
        .forEach(node -> text.append('\n').append(node.name()).append(' ').append(node.op()));
    graph
        .parameters()
        .forEach(p -> text.append('\n').append(p.value()).append(p.frozen() ? " frozen" : ""));
    String subject = VERSION + " " + TextHash.of(text.toString(), KEY_BYTES);
    return new ChoiceStore(
        cache
            .resolve("choices")
            .resolve(graph.name() + "-" + TextHash.of(subject, KEY_BYTES) + ".json"),
        subject);
  }

  /** Asked for only when there is something to say. */
  private static Logger log() {
    return LoggerFactory.getLogger(ChoiceStore.class);
  }

  /** Returns what is remembered; nothing if that is unreadable, which is logged. */
  public Choices load() {
    if (!Files.exists(file)) {
      return new Choices();
    }
    Map<String, String> choices = new TreeMap<>();
    try (JsonParser parser = JSON.createParser(file.toFile())) {
      String found = null;
      boolean nested = false;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.START_OBJECT) {
          nested = "choices".equals(parser.currentName());
        } else if (token == JsonToken.VALUE_STRING && nested) {
          choices.put(parser.currentName(), parser.getText());
        } else if (token == JsonToken.VALUE_STRING && "subject".equals(parser.currentName())) {
          found = parser.getText();
        }
      }
      if (subject.equals(found)) {
        return Choices.remembered(choices);
      }
      log().warn("{} holds choices of something else; choosing anew", file);
    } catch (IOException damaged) {
      log().warn("{} is damaged ({}); choosing anew", file, damaged.getMessage());
    }
    return new Choices();
  }

  /** Remembers choices, replacing the file whole; a folder that cannot be written to is logged. */
  public void save(Choices choices) {
    try {
      Files.createDirectories(file.getParent());
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      try (JsonGenerator json = JSON.createGenerator(text)) {
        json.useDefaultPrettyPrinter();
        json.writeStartObject();
        json.writeStringField("subject", subject);
        json.writeObjectFieldStart("choices");
        for (Map.Entry<String, String> choice : choices.all().entrySet()) {
          json.writeStringField(choice.getKey(), choice.getValue());
        }
        json.writeEndObject();
        json.writeEndObject();
      }
      AtomicFile.write(file, text.toByteArray());
    } catch (IOException unwritable) {
      log()
          .warn(
              "choices could not be remembered ({}); the next run may be made of other plans",
              unwritable.getMessage());
    }
  }
}
