package dev.lamina.cli;

import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Quantities;
import dev.lamina.cli.console.Table;
import dev.lamina.cli.json.Json;
import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceInfo;
import dev.lamina.device.DeviceProvider;
import dev.lamina.device.Devices;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

@Command(name = "devices", description = "Lists the devices networks can be trained on.")
final class DevicesCommand implements Callable<Integer> {
  private final Lamina lamina;

  DevicesCommand(Lamina lamina) {
    this.lamina = lamina;
  }

  @Override
  public Integer call() {
    Console console = lamina.console();
    List<DeviceInfo> found = new ArrayList<>();
    List<Map<String, Object>> unusable = new ArrayList<>();
    for (DeviceProvider provider : Devices.providers()) {
      try {
        List<DeviceInfo> ofFamily = provider.discover();
        found.addAll(ofFamily);
        if (ofFamily.isEmpty()) {
          absent(provider).ifPresent(reason -> unusable.add(unusable(provider, reason)));
        }
      } catch (DeviceException broken) {
        unusable.add(unusable(provider, broken.getMessage()));
      }
    }
    String auto = null;
    Optional<String> none = Optional.empty();
    try {
      auto = found.isEmpty() ? null : Devices.auto().name();
    } catch (DeviceException allPassedOver) {
      none = Optional.of(allPassedOver.getMessage());
    }
    if (console.json()) {
      console.document(
          Json.object(
              "devices",
              found.stream().map(DevicesCommand::json).toList(),
              "unusable",
              unusable,
              "auto",
              auto));
    } else {
      print(console, found, unusable, auto);
      none.ifPresent(reason -> console.info("Without --device none is taken: " + reason));
    }
    return found.isEmpty() ? ExitCode.DEVICE : ExitCode.OK;
  }

  private static Map<String, Object> unusable(DeviceProvider provider, String reason) {
    return Json.object("family", provider.family(), "reason", reason);
  }

  /** Returns what the family says it lacks, if it says so. */
  private static Optional<String> absent(DeviceProvider provider) {
    return provider.diagnose().stream()
        .filter(finding -> !finding.advice().isEmpty())
        .map(finding -> finding.subject() + ": " + finding.finding())
        .findFirst();
  }

  private static void print(
      Console console, List<DeviceInfo> found, List<Map<String, Object>> unusable, String auto) {
    Table table = new Table("NAME", "KIND", ">UNITS", ">MEMORY", "DESCRIPTION", "LIBRARIES");
    for (DeviceInfo info : found) {
      table.row(
          info.name(),
          kind(info),
          Integer.toString(info.computeUnits()),
          Quantities.bytes(info.memoryBytes()),
          info.description(),
          info.libraries().entrySet().stream()
              .map(library -> library.getKey() + " " + library.getValue())
              .collect(Collectors.joining(", ")));
    }
    if (found.isEmpty()) {
      console.result("No device can be used; see lamina doctor.");
    } else {
      table.print(console);
      if (auto != null) {
        console.info("Without --device, " + auto + " is taken.");
      }
    }
    for (Map<String, Object> family : unusable) {
      console.result(
          family.get("family")
              + " cannot be used: "
              + family.get("reason")
              + "; see lamina doctor");
    }
  }

  private static Map<String, Object> json(DeviceInfo info) {
    return Json.object(
        "name",
        info.name(),
        "kind",
        info.kind().name().toLowerCase(Locale.ROOT),
        "description",
        info.description(),
        "compute_units",
        info.computeUnits(),
        "memory_bytes",
        info.memoryBytes(),
        "libraries",
        info.libraries());
  }

  private static String kind(DeviceInfo info) {
    return switch (info.kind()) {
      case CPU -> "CPU";
      case INTEGRATED_GPU -> "integrated GPU";
      case DISCRETE_GPU -> "GPU";
      case ACCELERATOR -> "accelerator";
    };
  }
}
