package dev.lamina.cli.experiment;

import dev.lamina.cli.config.UsageException;
import dev.lamina.io.IoReason;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A value of a YAML file with its place, so that complaints can name the line. Scalars stay the
 * text that was written: what it means is for settings to say.
 */
final class YamlValue {
  /** Aliases can blow up a small file without bound. */
  private static final int MOST_VALUES = 100_000;

  private static final long LARGEST_FILE = 1 << 20;

  private final String file;
  private final int line;

  /** A text, a list, a map, or null for nothing. */
  private final Object content;

  private YamlValue(String file, int line, Object content) {
    this.file = file;
    this.line = line;
    this.content = content;
  }

  /**
   * Reads a file that holds one document.
   *
   * @throws UsageException if it cannot be read or is no YAML
   */
  static YamlValue read(Path file, String name) {
    String text;
    try {
      if (Files.isRegularFile(file) && Files.size(file) > LARGEST_FILE) {
        throw new UsageException(name + ": it is too large for an experiment");
      }
      text = Files.readString(file);
    } catch (MalformedInputException binary) {
      throw new UsageException(name + ": it is no text in UTF-8");
    } catch (IOException unreadable) {
      throw new UsageException(name + ": " + IoReason.of(unreadable));
    }
    try {
      Node root = new Yaml(new LoaderOptions()).compose(new java.io.StringReader(text));
      if (root == null) {
        throw new UsageException(name + ": it is empty");
      }
      return new Reader(name).value(root);
    } catch (MarkedYAMLException wrong) {
      int line = wrong.getProblemMark() == null ? 1 : wrong.getProblemMark().getLine() + 1;
      throw new UsageException(name + ":" + line + ": " + wrong.getProblem());
    } catch (YAMLException wrong) {
      throw new UsageException(name + ": " + wrong.getMessage());
    }
  }

  private static final class Reader {
    private final String file;
    private final Deque<Node> within = new ArrayDeque<>();
    private int values;

    Reader(String file) {
      this.file = file;
    }

    YamlValue value(Node node) {
      int line = node.getStartMark().getLine() + 1;
      if (++values > MOST_VALUES) {
        throw new UsageException(file + ": it has more than " + MOST_VALUES + " values");
      }
      if (within.contains(node)) {
        throw new UsageException(file + ":" + line + ": a value contains itself");
      }
      within.push(node);
      Object content;
      if (node instanceof ScalarNode scalar) {
        content = scalar.getTag().equals(Tag.NULL) ? null : scalar.getValue();
      } else if (node instanceof SequenceNode sequence) {
        List<YamlValue> list = new ArrayList<>();
        sequence.getValue().forEach(element -> list.add(value(element)));
        content = list;
      } else {
        content = map((MappingNode) node);
      }
      within.pop();
      return new YamlValue(file, line, content);
    }

    private Map<String, YamlValue> map(MappingNode node) {
      Map<String, YamlValue> map = new LinkedHashMap<>();
      for (NodeTuple entry : node.getValue()) {
        int line = entry.getKeyNode().getStartMark().getLine() + 1;
        if (!(entry.getKeyNode() instanceof ScalarNode key)) {
          throw new UsageException(file + ":" + line + ": a key must be a text");
        }
        if (map.containsKey(key.getValue())) {
          throw new UsageException(
              file + ":" + line + ": " + key.getValue() + " is given a second time");
        }
        YamlValue value = value(entry.getValueNode());
        // Where a list or a map hangs under its key, the key is what one looks for.
        boolean nested = !(entry.getValueNode() instanceof ScalarNode);
        map.put(key.getValue(), new YamlValue(file, nested ? line : value.line, value.content));
      }
      return map;
    }
  }

  /** Returns the place, for example {@code noise.yaml:7}. */
  String place() {
    return file + ":" + line;
  }

  /** Returns a complaint about this value. */
  UsageException error(String message) {
    return new UsageException(place() + ": " + message);
  }

  boolean isMap() {
    return content instanceof Map;
  }

  /**
   * Returns the text of a scalar.
   *
   * @param what names the value in a complaint
   */
  String text(String what) {
    if (content instanceof String text && !text.isBlank()) {
      return text;
    }
    throw error(what + " must be a number, a text, true or false");
  }

  /** Returns the elements of a list that is not empty. */
  @SuppressWarnings("unchecked") // lists are made above
  List<YamlValue> list(String what) {
    if (content instanceof List<?> list && !list.isEmpty()) {
      return (List<YamlValue>) list;
    }
    throw error(what + " must be a list, for example [1, 2, 3]");
  }

  /** Returns the entries of a map; none for nothing. */
  @SuppressWarnings("unchecked") // maps are made above
  Map<String, YamlValue> map(String what) {
    if (content == null) {
      return Map.of();
    }
    if (content instanceof Map<?, ?> map) {
      return (Map<String, YamlValue>) map;
    }
    throw error(what + " must be a block of keys and values, for example epochs: 10");
  }
}
