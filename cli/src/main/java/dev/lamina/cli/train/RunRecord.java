package dev.lamina.cli.train;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.config.RunKeys;
import dev.lamina.cli.config.UsageException;
import dev.lamina.cli.json.Json;
import dev.lamina.cli.run.RunDirectory;
import dev.lamina.cli.run.Surroundings;
import dev.lamina.data.DataException;
import dev.lamina.data.DataSplits;
import dev.lamina.data.Dataset;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceInfo;
import dev.lamina.device.Devices;
import dev.lamina.exec.Choices;
import dev.lamina.graph.Graph;
import dev.lamina.io.FormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The content of a run's {@code run.json}: what it was told and what it stands on. */
final class RunRecord {
  private static final int SCHEMA = 1;
  private static final String SCHEMA_KEY = "schema";
  private static final String DEVICE = "device";
  private static final String FINGERPRINT = "fingerprint";
  private static final String ORIGINS = "origins";
  private static final String PRECISION = "precision";
  private static final String DATA = "data";
  private static final String CHOICES = "choices";
  private static final String SAMPLES = "samples";
  private static final String RESUMED = "resumed";

  private final String file;
  private final Map<String, Object> tree;

  private RunRecord(String file, Map<String, Object> tree) {
    this.file = file;
    this.tree = tree;
  }

  /** Starts the record of a new run. */
  static RunRecord start(RunDirectory directory, String version, List<String> arguments, Path at) {
    return new RunRecord(
        directory.recordFile().toString(),
        Json.object(
            SCHEMA_KEY,
            SCHEMA,
            "lamina",
            version,
            "started",
            now(),
            "arguments",
            arguments,
            "git",
            Surroundings.gitCommit(at).orElse(null),
            "system",
            Surroundings.system()));
  }

  /**
   * Reads the record of an earlier run.
   *
   * @throws FormatException if it is damaged or of another version
   */
  static RunRecord read(RunDirectory directory) throws IOException {
    RunRecord record = new RunRecord(directory.recordFile().toString(), directory.record());
    Object schema = record.tree.get(SCHEMA_KEY);
    if (!Long.valueOf(SCHEMA).equals(schema)) {
      throw new FormatException(
          record.file + " is of schema " + schema + ", which this version does not read");
    }
    return record;
  }

  /** Notes that the run goes on. */
  void resume(List<String> arguments) {
    List<Object> resumed = new ArrayList<>();
    if (tree.get(RESUMED) instanceof List<?> earlier) {
      resumed.addAll(earlier);
    }
    resumed.add(Json.object("at", now(), "arguments", arguments));
    tree.put(RESUMED, resumed);
  }

  /** Notes the settings. */
  void put(Configuration configuration, Path directory) {
    tree.put(RunKeys.CONFIGURATION, configuration.toJson(directory));
    Map<String, Object> origins = new LinkedHashMap<>();
    if (tree.get(ORIGINS) instanceof Map<?, ?> earlier) {
      earlier.forEach((key, origin) -> origins.put((String) key, origin));
    }
    origins.putAll(configuration.origins());
    tree.put(ORIGINS, origins);
  }

  /** Notes the experiment that the run belongs to, if it does. */
  void putExperiment(Map<String, Object> experiment) {
    if (!experiment.isEmpty()) {
      tree.put(RunKeys.EXPERIMENT, experiment);
    }
  }

  /** Notes what the run stands on. */
  void put(
      Devices.Selection selection, Device opened, DataSplits data, Dataset trained, Graph graph) {
    DeviceInfo device = opened.info();
    tree.put(
        DEVICE,
        Json.object(
            "name",
            device.name(),
            "description",
            device.description(),
            "compute_units",
            device.computeUnits(),
            "memory_bytes",
            device.memoryBytes(),
            "libraries",
            device.libraries(),
            FINGERPRINT,
            opened.fingerprint(),
            "passed_over",
            selection.passedOver()));
    tree.put(SAMPLES, SampleRecord.of(trained.spec(), trained.normalization()));
    tree.put(PRECISION, opened.precision().toString());
    tree.put(DATA, new LinkedHashMap<>(data.provenance()));
    tree.put("parameters", graph.parameterCount());
  }

  /** Notes the decisions that depend on timing, to be given to a run that is to equal this one. */
  void put(Choices choices) {
    tree.put(CHOICES, new LinkedHashMap<>(choices.all()));
  }

  /** Returns what samples the network takes, if the record says so. */
  Optional<SampleRecord> samples() throws FormatException {
    return tree.containsKey(SAMPLES)
        ? Optional.of(SampleRecord.read(file, map(SAMPLES)))
        : Optional.empty();
  }

  /** Returns the settings. */
  Map<?, ?> configuration() throws FormatException {
    return map(RunKeys.CONFIGURATION);
  }

  /** Returns whether the run was made on such a device, so that its choices mean something here. */
  boolean isOn(Device device) throws FormatException {
    return device.fingerprint().equals(map(DEVICE).get(FINGERPRINT));
  }

  /** Returns the device the run was made on. */
  String device() throws FormatException {
    return String.valueOf(map(DEVICE).get(FINGERPRINT));
  }

  /** Returns the run's decisions. */
  Choices choices() throws FormatException {
    Map<String, String> choices = new LinkedHashMap<>();
    for (Map.Entry<?, ?> choice : map(CHOICES).entrySet()) {
      if (!(choice.getValue() instanceof String text)) {
        throw damaged(CHOICES);
      }
      choices.put((String) choice.getKey(), text);
    }
    return Choices.of(choices);
  }

  /** Returns whether data is what the run began with. */
  boolean isOf(DataSplits data) throws FormatException {
    return map(DATA).equals(data.provenance());
  }

  /**
   * Makes sure that data is what the run began with.
   *
   * @throws DataException if it is not
   */
  void requireSame(DataSplits data) throws FormatException {
    if (!isOf(data)) {
      throw new DataException(
          "the data is not what this run began with: "
              + file
              + " says "
              + map(DATA)
              + ", found "
              + data.provenance()
              + "; give the folder with --data-dir");
    }
  }

  /** Returns the record of a run whose choices another run is to use. */
  static Choices choicesOf(RunDirectory like, Device device) throws IOException {
    RunRecord record = read(like);
    if (!record.isOn(device)) {
      throw new UsageException(
          "--like "
              + like.path()
              + ": that run was made on "
              + record.device()
              + ", this would be on "
              + device.fingerprint());
    }
    return record.choices();
  }

  Map<String, Object> tree() {
    return tree;
  }

  private Map<?, ?> map(String key) throws FormatException {
    if (tree.get(key) instanceof Map<?, ?> map) {
      return map;
    }
    throw damaged(key);
  }

  private FormatException damaged(String key) {
    return new FormatException(file + " is damaged: it has no sound \"" + key + "\"");
  }

  private static String now() {
    return OffsetDateTime.now().truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
