package dev.lamina.cli.train;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Quantities;
import dev.lamina.data.DataSplits;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceInfo;
import dev.lamina.device.Devices;
import dev.lamina.device.Precision;
import dev.lamina.graph.Graph;
import dev.lamina.train.PretrainedWeights;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** What a run tells people before its first step. */
final class Announcement {
  private final Console console;
  private final Configuration configuration;

  Announcement(Console console, Configuration configuration) {
    this.console = console;
    this.configuration = configuration;
  }

  void device(Devices.Selection selection, Device opened) {
    DeviceInfo device = opened.info();
    String libraries =
        device.libraries().entrySet().stream()
            .map(library -> library.getKey() + " " + library.getValue())
            .collect(Collectors.joining(", "));
    console.info("device    " + firstLine(selection, opened));
    console.info(
        "          " + device.description() + (libraries.isEmpty() ? "" : ", ") + libraries);
  }

  /** Names the device, and its arithmetic where that is not single precision. */
  static String firstLine(Devices.Selection selection, Device opened) {
    return opened.precision() == Precision.F32
        ? selection.toString()
        : new Devices.Selection(
                selection.name() + " in " + opened.precision(), selection.passedOver())
            .toString();
  }

  void run(DataSplits data, Setup.Samples samples, Graph graph, Path directory) {
    console.info(
        "model     %s, %s parameters"
            .formatted(
                configuration.get(TrainSettings.MODEL), Quantities.count(graph.parameterCount())));
    console.info(
        "data      %s, %s training%s and %s test samples, %s"
            .formatted(
                data.train().name(),
                Quantities.count(samples.train().size()),
                samples
                    .validation()
                    .map(kept -> ", " + Quantities.count(kept.size()) + " validation")
                    .orElse(""),
                Quantities.count(samples.test().size()),
                data.train().spec()));
    data.provenance()
        .forEach((file, verdict) -> console.detail("          " + file + ": " + verdict));
    console.infoList("settings  ", configuration.describe());
    console.info("run       " + directory);
  }

  void begin(PretrainedWeights.Report report) {
    console.info(
        "init      %d tensors taken, %d of another shape, %d missing"
            .formatted(report.taken().size(), report.misfits().size(), report.missing().size()));
    report.misfits().forEach(misfit -> console.info("          not taken: " + misfit));
    report.missing().forEach(name -> console.detail("          missing: " + name));
  }
}
