package dev.lamina.bench.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The machine and the Java the runs were made on.
 *
 * @param cpu the processor's own name
 * @param processors how many this process may use
 */
record Host(String cpu, int processors, String system, String java, List<String> jvmFlags) {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  static Host here() {
    return new Host(
        cpuName(),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.version"),
        WorkerProcess.JVM_FLAGS);
  }

  private static String cpuName() {
    try {
      return Files.readString(CPU_INFO)
          .lines()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + CPU_INFO + "; the comparison needs Linux", e);
    }
  }
}
