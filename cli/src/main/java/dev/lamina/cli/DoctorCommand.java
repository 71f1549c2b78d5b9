package dev.lamina.cli;

import dev.lamina.cli.console.Console;
import dev.lamina.cli.json.Json;
import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceProvider;
import dev.lamina.device.Devices;
import dev.lamina.device.Diagnosis;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
    name = "doctor",
    description = {
      "Looks at everything Lamina needs and says what to install.",
      "Exits 3 if no device can be used."
    })
final class DoctorCommand implements Callable<Integer> {
  private final Lamina lamina;

  DoctorCommand(Lamina lamina) {
    this.lamina = lamina;
  }

  @Override
  public Integer call() {
    Console console = lamina.console();
    Map<String, List<Diagnosis>> findings = new LinkedHashMap<>();
    findings.put("system", List.of(java(), cache()));
    boolean usable = false;
    for (DeviceProvider provider : Devices.providers()) {
      List<Diagnosis> ofFamily = new ArrayList<>(provider.diagnose());
      try {
        usable |= !provider.discover().isEmpty();
      } catch (DeviceException broken) {
        ofFamily.add(new Diagnosis("devices", false, broken.getMessage(), ""));
      }
      findings.put(provider.family(), ofFamily);
    }
    if (console.json()) {
      console.document(json(findings, usable));
    } else {
      findings.forEach((place, list) -> print(console, place, list));
      if (!usable) {
        console.result("No device can be used.");
      }
    }
    return usable ? ExitCode.OK : ExitCode.DEVICE;
  }

  private static void print(Console console, String place, List<Diagnosis> findings) {
    console.result(console.bold(place));
    for (Diagnosis finding : findings) {
      String mark = finding.healthy() ? console.green("ok  ") : console.red("fail");
      console.result("  " + mark + "  " + finding.subject() + ": " + finding.finding());
      if (!finding.advice().isEmpty()) {
        console.result("        " + finding.advice());
      }
    }
  }

  private static Map<String, Object> json(Map<String, List<Diagnosis>> findings, boolean usable) {
    List<Object> all = new ArrayList<>();
    findings.forEach(
        (place, list) ->
            list.forEach(
                finding ->
                    all.add(
                        Json.object(
                            "place", place,
                            "subject", finding.subject(),
                            "healthy", finding.healthy(),
                            "finding", finding.finding(),
                            "advice", finding.advice()))));
    return Json.object("usable", usable, "findings", all);
  }

  private static Diagnosis java() {
    String finding =
        Runtime.version()
            + " of "
            + System.getProperty("java.vendor")
            + ", heap up to "
            + (Runtime.getRuntime().maxMemory() >> 20)
            + " MiB";
    return new Diagnosis("Java", true, finding, "");
  }

  private Diagnosis cache() {
    Path cache = lamina.invocation().cacheFolder();
    Path existing = cache;
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    boolean writable =
        existing != null && Files.isDirectory(existing) && Files.isWritable(existing);
    return new Diagnosis(
        "cache folder",
        writable,
        cache + (writable ? "" : " cannot be written"),
        writable ? "" : "Set LAMINA_HOME to a folder that can.");
  }
}
