package dev.lamina.cli.config;

import dev.lamina.cli.json.Json;
import dev.lamina.io.FormatException;
import dev.lamina.io.IoReason;
import dev.lamina.naming.Names;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Values from one source, as text.
 *
 * @param origin how to name the source of a value
 */
record Layer(Map<Setting<?>, String> values, Function<Setting<?>, String> origin) {
  /** A configuration is a screen of text; whatever is larger is another file. */
  private static final long LARGEST_FILE = 16 << 20;

  static Layer flags(Map<Setting<?>, String> given) {
    return new Layer(given, setting -> setting == TrainSettings.MODEL ? "MODEL" : setting.option());
  }

  static Layer variables(Map<String, String> environment) {
    Map<Setting<?>, String> values = new LinkedHashMap<>();
    for (Setting<?> setting : TrainSettings.ALL) {
      String value = environment.get(setting.variable());
      if (value != null && !value.isEmpty()) {
        values.put(setting, value);
      }
    }
    return new Layer(values, Setting::variable);
  }

  static Layer named(String origin, Map<Setting<?>, String> values) {
    return new Layer(values, setting -> origin);
  }

  static Layer given(Map<Setting<?>, Given> settings) {
    Map<Setting<?>, String> values = new LinkedHashMap<>();
    settings.forEach((setting, given) -> values.put(setting, given.text()));
    return new Layer(values, setting -> settings.get(setting).origin());
  }

  /** Reads a file of settings, or the run.json of a run. */
  static Layer file(Path file) {
    String text;
    try {
      if (!Files.isDirectory(file) && Files.size(file) > LARGEST_FILE) {
        throw new UsageException("--config " + file + ": it is too large for a configuration");
      }
      text = Files.readString(file);
    } catch (MalformedInputException binary) {
      throw new UsageException("--config " + file + ": it is no text in UTF-8");
    } catch (IOException unreadable) {
      throw new UsageException("--config " + file + ": " + IoReason.of(unreadable));
    }
    Map<String, Object> tree;
    try {
      tree = Json.readObject(text);
    } catch (FormatException wrong) {
      throw new UsageException("--config " + file + ": " + wrong.getMessage());
    }
    Object settings = tree.get(RunKeys.CONFIGURATION);
    return object(file.toString(), settings instanceof Map<?, ?> run ? run : tree);
  }

  static Layer object(String file, Map<?, ?> tree) {
    Map<Setting<?>, String> values = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : tree.entrySet()) {
      String key = entry.getKey().toString();
      Setting<?> setting =
          TrainSettings.find(key)
              .orElseThrow(
                  () ->
                      new UsageException(
                          file
                              + ": unknown setting "
                              + key
                              + Names.suggestion(key, TrainSettings.keys())));
      if (entry.getValue() != null) {
        values.put(setting, text(file, key, entry.getValue()));
      }
    }
    return new Layer(values, setting -> file);
  }

  private static String text(String file, String key, Object value) {
    if (value instanceof Map || value instanceof List) {
      throw new UsageException(file + ": " + key + " must be a number, a text, true or false");
    }
    return value.toString();
  }
}
