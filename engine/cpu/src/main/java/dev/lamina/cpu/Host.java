package dev.lamina.cpu;

import com.sun.management.OperatingSystemMXBean;
import dev.lamina.cpu.onednn.OneDnn;
import dev.lamina.device.DeviceInfo;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** What is known of the machine. */
final class Host {
  private Host() {}

  static DeviceInfo info(OneDnn library) {
    Map<String, String> libraries = new LinkedHashMap<>();
    libraries.put("oneDNN", library.version());
    libraries.put("instruction set", library.isa());
    libraries.put("generated code", Generated.version());
    return new DeviceInfo(
        "cpu", DeviceInfo.Kind.CPU, processor(), cores(), memoryBytes(), libraries);
  }

  static int cores() {
    return Runtime.getRuntime().availableProcessors();
  }

  static long memoryBytes() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return system.getTotalMemorySize();
  }

  private static String processor() {
    Path linux = Path.of("/proc/cpuinfo");
    if (Files.isReadable(linux)) {
      try (Stream<String> lines = Files.lines(linux)) {
        return lines
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElseGet(Host::architecture);
      } catch (IOException unreadable) {
        return architecture();
      }
    }
    return architecture();
  }

  private static String architecture() {
    return System.getProperty("os.arch");
  }
}
