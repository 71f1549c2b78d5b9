package dev.lamina.bench.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * How busy the whole machine and this process have been until now.
 *
 * @param busySeconds processor time spent on anything, in all processes, summed over processors;
 *     time taken by the hypervisor counts
 * @param idleSeconds processor time spent on nothing
 * @param ownSeconds processor time of this process
 */
record CpuTimes(double busySeconds, double idleSeconds, double ownSeconds) {
  private static final Path STAT = Path.of("/proc/stat");

  /** The kernel reports in units of 1/100 s to user space, whatever its own tick is. */
  private static final double TICKS_PER_SECOND = 100;

  /** Columns of the "cpu" line after user, nice, system: idle and waiting for input and output. */
  private static final int IDLE = 3;

  private static final int WAITING = 4;

  /** Columns up to "steal"; the guest times behind it are contained in user and nice. */
  private static final int COLUMNS = 8;

  static CpuTimes now() {
    try {
      return parse(Files.readString(STAT), processCpuSeconds());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot read " + STAT + "; the comparison needs Linux, to see what else runs", e);
    }
  }

  static CpuTimes parse(String stat, double ownSeconds) {
    String line = stat.lines().findFirst().orElse("");
    String[] words = line.trim().split("\\s+");
    if (!words[0].equals("cpu") || words.length < COLUMNS + 1) {
      throw new IllegalStateException(STAT + " does not begin with the cpu line: '" + line + "'");
    }
    long[] ticks = Arrays.stream(words, 1, COLUMNS + 1).mapToLong(Long::parseLong).toArray();
    long idle = ticks[IDLE] + ticks[WAITING];
    return new CpuTimes(
        (Arrays.stream(ticks).sum() - idle) / TICKS_PER_SECOND,
        idle / TICKS_PER_SECOND,
        ownSeconds);
  }

  /**
   * Returns the share of the machine, 0 to 1, that went to other processes since {@code earlier}; 0
   * if no tick has passed.
   */
  double othersShareSince(CpuTimes earlier) {
    double busy = busySeconds - earlier.busySeconds;
    double total = busy + idleSeconds - earlier.idleSeconds;
    double others = busy - (ownSeconds - earlier.ownSeconds);
    return total <= 0 ? 0 : Math.max(0, Math.min(1, others / total));
  }

  private static double processCpuSeconds() {
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return system.getProcessCpuTime() / 1e9;
  }
}
