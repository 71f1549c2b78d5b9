package dev.lamina.cli.experiment;

import dev.lamina.cli.config.Given;
import dev.lamina.cli.config.Setting;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.config.UsageException;
import dev.lamina.cli.run.Figures;
import dev.lamina.naming.Names;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads an experiment file; every complaint names the line and what may stand there. */
final class ExperimentFile {
  private static final List<String> KEYS =
      List.of("title", "about", "base", "vary", "repeats", "seeds", "short");
  private static final String REPEATS = "repeats";
  private static final String PUBLISHED = "published";
  private static final String NAME = "name";
  private static final String VALUE = "value";

  private ExperimentFile() {}

  /**
   * Reads a file.
   *
   * @param name how messages name it
   * @throws UsageException if it is no experiment
   */
  static Experiment read(Path file, String name) {
    YamlValue root = YamlValue.read(file, name);
    Map<String, YamlValue> keys = root.map("an experiment");
    for (Map.Entry<String, YamlValue> entry : keys.entrySet()) {
      String key = entry.getKey();
      if (!KEYS.contains(key)) {
        String hint =
            TrainSettings.find(key).isPresent()
                ? "; settings of all runs stand under base"
                : Names.suggestion(key, KEYS);
        throw entry
            .getValue()
            .error("unknown key %s (there are %s)%s".formatted(key, String.join(", ", KEYS), hint));
      }
    }
    if (!keys.containsKey("vary")) {
      throw root.error("there is no vary: it names what differs from run to run");
    }
    if (keys.containsKey(REPEATS) && keys.containsKey("seeds")) {
      throw keys.get("seeds").error("give repeats or seeds, not both");
    }
    List<Long> seeds = seeds(keys.get("seeds"));
    Map<String, YamlValue> shortened =
        new LinkedHashMap<>(keys.containsKey("short") ? keys.get("short").map("short") : Map.of());
    Optional<Integer> shortRepeats =
        Optional.ofNullable(shortened.remove(REPEATS)).map(ExperimentFile::repeats);
    String title = keys.containsKey("title") ? keys.get("title").text("title") : title(file);
    return new Experiment(
        name,
        title,
        keys.containsKey("about") ? keys.get("about").text("about").strip() : "",
        keys.containsKey("base") ? settings(keys.get("base").map("base")) : Map.of(),
        settings(shortened),
        axes(keys.get("vary")),
        seeds.isEmpty()
            ? Optional.ofNullable(keys.get(REPEATS)).map(ExperimentFile::repeats).orElse(1)
            : seeds.size(),
        shortRepeats,
        seeds);
  }

  private static String title(Path file) {
    return file.getFileName().toString().replaceFirst("\\.ya?ml$", "");
  }

  private static int repeats(YamlValue value) {
    String text = value.text(REPEATS);
    if (!text.matches("[1-9]\\d{0,3}") || Integer.parseInt(text) > ExperimentSession.MOST_REPEATS) {
      throw value.error("repeats must be a whole number from 1 to 1000, not " + text);
    }
    return Integer.parseInt(text);
  }

  private static List<Long> seeds(YamlValue given) {
    Set<Long> seeds = new LinkedHashSet<>();
    if (given != null) {
      for (YamlValue seed : given.list("seeds")) {
        String text = seed.text("a seed");
        if (!text.matches("\\d{1,18}")) {
          throw seed.error("a seed must be a whole number from 0, not " + text);
        }
        if (!seeds.add(Long.valueOf(text))) {
          throw seed.error("seed " + text + " is given a second time");
        }
      }
    }
    return List.copyOf(seeds);
  }

  private static Map<Setting<?>, Given> settings(Map<String, YamlValue> given) {
    Map<Setting<?>, Given> settings = new LinkedHashMap<>();
    for (Map.Entry<String, YamlValue> entry : given.entrySet()) {
      YamlValue value = entry.getValue();
      Setting<?> setting = setting(entry.getKey(), value);
      if (settings.put(setting, new Given(value.text(entry.getKey()), value.place())) != null) {
        throw value.error(setting.key() + " is given a second time");
      }
    }
    return settings;
  }

  private static Setting<?> setting(String key, YamlValue value) {
    Optional<Setting<?>> setting = TrainSettings.find(key);
    if (setting.isEmpty()) {
      List<String> keys = TrainSettings.keys();
      throw value.error(
          "unknown setting %s (there are %s)%s"
              .formatted(key, String.join(", ", keys), Names.suggestion(key, keys)));
    }
    return setting.get();
  }

  private static List<Axis> axes(YamlValue vary) {
    List<Axis> axes = new ArrayList<>();
    Set<Setting<?>> taken = new LinkedHashSet<>();
    for (Map.Entry<String, YamlValue> entry : vary.map("vary").entrySet()) {
      Axis axis = axis(entry.getKey(), entry.getValue());
      Set<Setting<?>> own = new LinkedHashSet<>();
      axis.points().forEach(point -> own.addAll(point.settings().keySet()));
      for (Setting<?> setting : own) {
        if (!taken.add(setting)) {
          throw entry.getValue().error(setting.key() + " is varied by an earlier axis already");
        }
      }
      axes.add(axis);
    }
    if (axes.isEmpty()) {
      throw vary.error("vary names nothing; for example lr: [0.01, 0.001]");
    }
    return axes;
  }

  private static Axis axis(String name, YamlValue values) {
    List<Axis.Point> points = new ArrayList<>();
    Set<String> labels = new LinkedHashSet<>();
    for (YamlValue value : values.list(name)) {
      Axis.Point point = value.isMap() ? group(name, value) : plain(name, value, value);
      if (!labels.add(point.label())) {
        throw value.error(name + " " + point.label() + " is given a second time");
      }
      points.add(point);
    }
    return new Axis(name.replace('-', '_'), points);
  }

  /** A value of a setting. */
  private static Axis.Point plain(String name, YamlValue value, YamlValue place) {
    Setting<?> setting = setting(name, place);
    if (setting == TrainSettings.SEED) {
      throw place.error("seeds do not vary as an axis: give repeats or seeds");
    }
    String text = value.text(name);
    return new Axis.Point(text, Map.of(setting, new Given(text, value.place())), Map.of());
  }

  /** A value with more to it: {@code value} of the axis's setting, or a {@code name} of its own. */
  private static Axis.Point group(String axis, YamlValue group) {
    Map<String, YamlValue> entries = new LinkedHashMap<>(group.map(axis));
    YamlValue name = entries.remove(NAME);
    YamlValue value = entries.remove(VALUE);
    if ((name == null) == (value == null)) {
      throw group.error(
          "each entry of "
              + axis
              + " needs a name, or a value if "
              + axis
              + " is itself a setting; then its settings, for example lr: 0.01");
    }
    YamlValue published = entries.remove(PUBLISHED);
    Map<Setting<?>, Given> settings = new LinkedHashMap<>();
    String label = name == null ? "" : name.text(NAME);
    if (value != null) {
      Axis.Point plain = plain(axis, value, group);
      label = plain.label();
      settings.putAll(plain.settings());
    }
    settings.putAll(settings(entries));
    if (settings.containsKey(TrainSettings.SEED)) {
      throw group.error("seeds do not vary as an axis: give repeats or seeds");
    }
    return new Axis.Point(label, settings, published == null ? Map.of() : published(published));
  }

  private static Map<String, Double> published(YamlValue published) {
    Map<String, Double> figures = new LinkedHashMap<>();
    for (Map.Entry<String, YamlValue> entry : published.map(PUBLISHED).entrySet()) {
      String key = entry.getKey();
      YamlValue value = entry.getValue();
      if (Figures.OF_CLASSES.contains(key)) {
        for (Map.Entry<String, YamlValue> ofClass : value.map(key).entrySet()) {
          figures.put(
              Figures.ofClass(key, ofClass.getKey()), number(ofClass.getKey(), ofClass.getValue()));
        }
      } else if (Figures.isKnown(key)) {
        figures.put(key, number(key, value));
      } else {
        List<String> known = Figures.names();
        throw value.error(
            "unknown figure %s (there are %s, each also with _deviation)%s"
                .formatted(key, String.join(", ", known), Names.suggestion(key, known)));
      }
    }
    return figures;
  }

  private static double number(String what, YamlValue value) {
    String text = value.text(what);
    try {
      double number = Double.parseDouble(text);
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException notNumber) {
      // said below
    }
    throw value.error(what + " must be a number, not " + text);
  }
}
