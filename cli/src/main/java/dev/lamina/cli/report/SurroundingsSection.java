package dev.lamina.cli.report;

import dev.lamina.cli.config.Setting;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.console.Quantities;
import dev.lamina.cli.console.ShellCommand;
import java.util.Map;
import java.util.stream.Collectors;

/** What the run was told and stands on, and the command that repeats it. */
final class SurroundingsSection {
  private SurroundingsSection() {}

  static void write(Html html, RunView run) {
    Tree record = run.record();
    Tree device = record.tree("device");
    Tree system = record.tree("system");
    Tree summary = run.summary();
    html.leaf("h2", "Run").open("dl");
    entry(html, "Device", device.text("name"));
    entry(html, "", device.text("description"));
    entry(html, "Libraries", pairs(device.tree("libraries")));
    entry(html, "Precision", record.text("precision"));
    entry(html, "Seed", record.tree("configuration").text("seed"));
    entry(html, "Settings", pairs(record.tree("configuration")));
    entry(html, "Device memory", bytes(summary.number("device_bytes")));
    entry(html, "Peak memory of the process", bytes(summary.number("peak_rss_bytes")));
    entry(html, "Java", system.text("java"));
    entry(html, "System", system.text("os") + " " + system.text("arch"));
    entry(html, "Lamina", record.text("lamina"));
    entry(html, "Source", record.text("git"));
    entry(html, "Recorded choices", choices(record.tree("choices").values()));
    entry(html, "Folder", run.path().toString());
    html.close();
    html.leaf("h2", "Do it again").leaf("pre", command(record.tree("configuration")));
    html.leaf(
        "p",
        "With --like and the run's folder behind it, the recorded choices are made again too, and"
            + " the same machine gets the same bits.",
        "class",
        "note");
  }

  private static void entry(Html html, String name, String value) {
    if (!value.isBlank()) {
      html.leaf("dt", name).leaf("dd", value);
    }
  }

  private static String bytes(double bytes) {
    return Double.isFinite(bytes) ? Quantities.bytes((long) bytes) : "";
  }

  private static String pairs(Tree tree) {
    return tree.values().entrySet().stream()
        .map(entry -> entry.getKey() + " " + entry.getValue())
        .collect(Collectors.joining(", "));
  }

  private static String choices(Map<?, ?> choices) {
    return choices.isEmpty() ? "" : choices.size() + ", in run.json";
  }

  /** Says all settings, since defaults and recipes may change. */
  static String command(Tree configuration) {
    StringBuilder command = new StringBuilder("lamina train ");
    command.append(ShellCommand.quoted(configuration.text("model")));
    for (Setting<?> setting : TrainSettings.ALL) {
      String value = configuration.text(setting.key());
      if (setting == TrainSettings.MODEL || value.isEmpty()) {
        continue;
      }
      if (setting.isFlag()) {
        command.append(value.equals("true") ? " --" : " --no-").append(setting.name());
      } else {
        command.append(' ').append(setting.option()).append(' ').append(ShellCommand.quoted(value));
      }
    }
    return command.toString();
  }
}
