package dev.lamina.bench.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The most memory this process ever had resident, as the kernel counts it (VmHWM). */
final class PeakMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String FIELD = "VmHWM:";

  private PeakMemory() {}

  static long bytes() {
    try {
      return parse(Files.readString(STATUS));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot read " + STATUS + "; the comparison needs Linux, to see peak memory", e);
    }
  }

  static long parse(String status) {
    String value =
        status
            .lines()
            .filter(line -> line.startsWith(FIELD))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException(STATUS + " has no " + FIELD))
            .substring(FIELD.length())
            .trim();
    return Long.parseLong(value.substring(0, value.indexOf(' '))) * 1024;
  }
}
