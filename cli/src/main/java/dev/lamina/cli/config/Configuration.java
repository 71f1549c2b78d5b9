package dev.lamina.cli.config;

import dev.lamina.datasets.DatasetCatalog;
import dev.lamina.naming.Names;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The settings of a run, each with the source that won: flag, {@code LAMINA_*} variable,
 * configuration file, recipe for network and data, default.
 */
public final class Configuration {
  /**
   * A value and where it is from.
   *
   * @param origin what to name it by: an option, a variable, a file, {@code recipe}, {@code
   *     default}
   */
  private record Resolved(Object value, String origin) {}

  private static final String DEFAULT = "default";

  /** Numbers with more characters are shown with an exponent. */
  private static final int LONGEST_PLAIN = 12;

  /** Variables that other parts read. */
  private static final Set<String> OTHER_VARIABLES =
      Set.of("LAMINA_HOME", "LAMINA_JAVA_OPTS", "LAMINA_TEST_DATA");

  private final Map<Setting<?>, Resolved> values = new LinkedHashMap<>();

  /** Origin that goes without saying: the run that goes on. */
  private String unsaid = DEFAULT;

  private Configuration() {}

  /**
   * Resolves all settings.
   *
   * @param flags what the command line says
   * @param environment the environment's variables
   * @param file what {@code --config} names
   * @throws UsageException if a value is impossible, a key unknown, or settings contradict
   */
  public static Configuration resolve(
      Map<Setting<?>, String> flags, Map<String, String> environment, Optional<Path> file) {
    List<Layer> layers = new ArrayList<>();
    layers.add(Layer.flags(flags));
    layers.add(Layer.variables(environment));
    if (file.isPresent()) {
      layers.add(Layer.file(file.get()));
    }
    return resolve(layers);
  }

  /**
   * Resolves all settings of a run of an experiment: what the experiment is about wins over flags
   * and variables, these over its base.
   *
   * @param varied what this run has in place of others of the experiment
   * @param flags what the command line says
   * @param environment the environment's variables
   * @param bases what all runs have in common, the first that has a setting wins
   * @throws UsageException if a value is impossible, or settings contradict
   */
  public static Configuration resolve(
      Map<Setting<?>, Given> varied,
      Map<Setting<?>, String> flags,
      Map<String, String> environment,
      List<Map<Setting<?>, Given>> bases) {
    List<Layer> layers = new ArrayList<>();
    layers.add(Layer.given(varied));
    layers.add(Layer.flags(flags));
    layers.add(Layer.variables(environment));
    bases.forEach(base -> layers.add(Layer.given(base)));
    return resolve(layers);
  }

  /**
   * Takes the settings of an earlier run, with what may be given anew to a run that goes on.
   *
   * @param runFile the run's record, to name it
   * @param settings its configuration
   * @param flags what the command line says
   * @throws UsageException if a flag changes what must stay as it was
   */
  public static Configuration resume(
      Path runFile, Map<?, ?> settings, Map<Setting<?>, String> flags) {
    Map<Object, Object> kept = new LinkedHashMap<>(settings);
    if (settings.get(TrainSettings.MODEL.key()) instanceof String model
        && model.endsWith(".java")) {
      // The run has a copy, so that it stays what it is when the file changes.
      String name = Path.of(model).getFileName().toString();
      kept.put(TrainSettings.MODEL.key(), runFile.resolveSibling(name).toString());
    }
    Layer earlier = Layer.object(runFile.toString(), kept);
    for (Setting<?> setting : flags.keySet()) {
      if (!TrainSettings.RESUMABLE.contains(setting)) {
        throw new UsageException(
            Layer.flags(flags).origin().apply(setting)
                + " cannot be given with --resume: a run goes on with its own settings");
      }
    }
    Configuration configuration = resolve(List.of(Layer.flags(flags), earlier));
    configuration.unsaid = runFile.toString();
    return configuration;
  }

  private static Configuration resolve(List<Layer> given) {
    List<Layer> layers = new ArrayList<>(given);
    Configuration configuration = new Configuration();
    String model =
        first(layers, TrainSettings.MODEL)
            .orElseThrow(() -> new UsageException("name a model; see lamina models"));
    String dataset =
        first(layers, TrainSettings.DATASET)
            .orElse(Recipes.defaults("sgd").get(TrainSettings.DATASET));
    layers.add(Layer.named("recipe", Recipes.of(model, dataset)));
    String optimizer = first(layers, TrainSettings.OPTIMIZER).orElse("sgd");
    layers.add(Layer.named(DEFAULT, Recipes.defaults(optimizer)));
    for (Setting<?> setting : TrainSettings.ALL) {
      for (Layer layer : layers) {
        if (layer.values().containsKey(setting) && applies(layer, setting, optimizer)) {
          configuration.values.put(setting, parse(layer, setting));
          break;
        }
      }
    }
    Combinations.check(configuration);
    return configuration;
  }

  private static Optional<String> first(List<Layer> layers, Setting<?> setting) {
    return layers.stream()
        .map(layer -> layer.values().get(setting))
        .filter(value -> value != null)
        .findFirst();
  }

  /** A learning rate that a file or recipe gives for another optimizer says nothing of this one. */
  private static boolean applies(Layer layer, Setting<?> setting, String optimizer) {
    String meant = layer.values().get(TrainSettings.OPTIMIZER);
    return !TrainSettings.OF_OPTIMIZER.contains(setting)
        || meant == null
        || meant.equals(optimizer);
  }

  private static Resolved parse(Layer layer, Setting<?> setting) {
    String origin = layer.origin().apply(setting);
    try {
      return new Resolved(setting.parse(layer.values().get(setting)), origin);
    } catch (IllegalArgumentException impossible) {
      boolean named = origin.equals(setting.option()) || origin.equals(setting.variable());
      throw new UsageException(
          origin + (named ? " " : ": " + setting.key() + " ") + impossible.getMessage());
    }
  }

  /** Returns a setting with where its value is from, for messages. */
  String said(Setting<?> setting) {
    return setting + from(setting);
  }

  /** Returns where a setting's value is from, in parentheses and after a space. */
  String from(Setting<?> setting) {
    return " (" + values.get(setting).origin() + ")";
  }

  /** Returns the value of a setting that has one. */
  public <T> T get(Setting<T> setting) {
    return find(setting).orElseThrow();
  }

  /** Returns the value of a setting, if it has one. */
  @SuppressWarnings("unchecked") // what is kept came from this setting's parser
  public <T> Optional<T> find(Setting<T> setting) {
    return Optional.ofNullable(values.get(setting)).map(resolved -> (T) resolved.value());
  }

  /** Returns where a setting's value is from, as messages name it; empty where it has none. */
  public String origin(Setting<?> setting) {
    Resolved resolved = values.get(setting);
    return resolved == null ? "" : resolved.origin();
  }

  /**
   * Returns the values by key, for the run's record.
   *
   * @param directory the folder from which relative paths count; they are made absolute
   */
  public Map<String, Object> toJson(Path directory) {
    Map<String, Object> json = new LinkedHashMap<>();
    values.forEach(
        (setting, resolved) -> {
          Object value = resolved.value();
          boolean file =
              (setting == TrainSettings.DATASET && DatasetCatalog.isFolder((String) value))
                  || (setting == TrainSettings.MODEL && ((String) value).endsWith(".java"));
          json.put(
              setting.key(),
              value instanceof Path || file
                  ? directory.resolve(value.toString()).toAbsolutePath().normalize().toString()
                  : value);
        });
    return json;
  }

  /** Returns where each value is from, by key; without those of a run that goes on. */
  public Map<String, Object> origins() {
    Map<String, Object> json = new LinkedHashMap<>();
    values.forEach(
        (setting, resolved) -> {
          if (resolved.origin().equals(DEFAULT) || !resolved.origin().equals(unsaid)) {
            json.put(setting.key(), resolved.origin());
          }
        });
    return json;
  }

  /** Returns each setting with its value; those that are not defaults say where they are from. */
  public List<String> describe() {
    List<String> parts = new ArrayList<>();
    values.forEach(
        (setting, resolved) -> {
          String origin = resolved.origin();
          boolean said = !origin.equals(DEFAULT) && !origin.equals(unsaid);
          parts.add(setting + " " + shown(resolved.value()) + (said ? " (" + origin + ")" : ""));
        });
    return parts;
  }

  private static String shown(Object value) {
    if (value instanceof Double number) {
      String plain = new BigDecimal(number.toString()).stripTrailingZeros().toPlainString();
      return plain.length() <= LONGEST_PLAIN ? plain : number.toString();
    }
    return value.toString();
  }

  /** Returns a warning for each variable whose name is nearly that of a setting. */
  public static List<String> misspeltVariables(Map<String, String> environment) {
    List<String> known = TrainSettings.ALL.stream().map(Setting::variable).toList();
    List<String> warnings = new ArrayList<>();
    for (String name : new TreeSet<>(environment.keySet())) {
      if (name.startsWith("LAMINA_") && !known.contains(name) && !OTHER_VARIABLES.contains(name)) {
        String suffix = name.substring("LAMINA_".length()).toLowerCase(Locale.ROOT);
        List<String> keys = TrainSettings.ALL.stream().map(Setting::key).toList();
        Names.nearest(suffix, keys)
            .ifPresent(
                key ->
                    warnings.add(
                        "variable %s is not used; did you mean LAMINA_%s?"
                            .formatted(name, key.toUpperCase(Locale.ROOT))));
      }
    }
    return warnings;
  }
}
