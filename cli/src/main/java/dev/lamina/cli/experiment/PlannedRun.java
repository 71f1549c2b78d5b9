package dev.lamina.cli.experiment;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.json.Json;
import dev.lamina.io.TextHash;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A run of an experiment.
 *
 * @param values label by axis
 * @param configuration all its settings
 */
record PlannedRun(Map<String, String> values, Configuration configuration) {
  private static final int KEY_BYTES = 5;
  private static final int LONGEST_NAME = 60;

  long seed() {
    return configuration.get(TrainSettings.SEED);
  }

  /**
   * Returns the settings that make a run what it is, as a short text: a run that was made earlier
   * is this one if its key is equal. Where it ran and from which folder it read do not count.
   */
  String key() {
    Map<String, Object> settings = new TreeMap<>(configuration.toJson(Path.of("")));
    settings.remove(TrainSettings.DATA_DIR.key());
    settings.remove(TrainSettings.DEVICE.key());
    settings.remove(TrainSettings.THREADS.key());
    settings.remove(TrainSettings.DATA_ON_DEVICE.key());
    return TextHash.of(Json.line(settings), KEY_BYTES);
  }

  /** Returns a name for a new folder: what people recognise, then the key. */
  String folderName() {
    String name =
        (Cell.label(values) + " seed " + seed())
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9.]+", "-")
            .replaceAll("^[-.]+", "");
    int start = Math.max(0, name.length() - LONGEST_NAME);
    return name.substring(start).replaceAll("^[-.]+", "") + "-" + key();
  }
}
