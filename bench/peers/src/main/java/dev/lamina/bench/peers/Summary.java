package dev.lamina.bench.peers;

import dev.lamina.bench.peers.engine.Mode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * One engine and variant over all its runs. Windows in which other processes took part of the
 * machine do not count, unless there are no others.
 *
 * @param windows windows of all runs
 * @param undisturbedWindows those that count; if 0, all do
 * @param bestImagesPerSecond of the windows that count
 * @param medianImagesPerSecond of the windows that count
 * @param updateShare median share of a window spent in optimizer updates; null if not timed apart
 * @param bestWithoutUpdate best images per second if updates took no time
 * @param lowestPeakBytes least peak memory of any run
 * @param medianPeakBytes median peak memory of the runs
 */
record Summary(
    Mode mode,
    String engine,
    String variant,
    int windows,
    int undisturbedWindows,
    double bestImagesPerSecond,
    double medianImagesPerSecond,
    Double updateShare,
    double bestWithoutUpdate,
    long lowestPeakBytes,
    long medianPeakBytes) {

  /** Summarises runs by mode, engine and variant, in the order in which these first appear. */
  static List<Summary> of(List<WorkerReport> reports) {
    Map<List<Object>, List<WorkerReport>> groups = new LinkedHashMap<>();
    for (WorkerReport report : reports) {
      groups
          .computeIfAbsent(
              List.of(report.mode(), report.engine(), report.variant()), key -> new ArrayList<>())
          .add(report);
    }
    return groups.values().stream().map(Summary::ofOne).toList();
  }

  private static Summary ofOne(List<WorkerReport> runs) {
    List<Window> all = runs.stream().flatMap(run -> run.windows().stream()).toList();
    List<Window> undisturbed = all.stream().filter(Window::undisturbed).toList();
    List<Window> windows = undisturbed.isEmpty() ? all : undisturbed;
    double[] peaks = runs.stream().mapToDouble(WorkerReport::peakBytes).sorted().toArray();
    boolean updateTimed = windows.stream().noneMatch(window -> window.updateSeconds() == null);
    return new Summary(
        runs.get(0).mode(),
        runs.get(0).engine(),
        runs.get(0).variant(),
        all.size(),
        undisturbed.size(),
        last(windows, Window::imagesPerSecond),
        median(sorted(windows, Window::imagesPerSecond)),
        updateTimed
            ? median(sorted(windows, window -> window.updateSeconds() / window.seconds()))
            : null,
        last(windows, Window::imagesPerSecondWithoutUpdate),
        (long) peaks[0],
        (long) median(peaks));
  }

  /** Returns the middle value, or the mean of the two middle ones; {@code sorted} is not empty. */
  static double median(double... sorted) {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static double last(List<Window> windows, ToDoubleFunction<Window> figure) {
    double[] values = sorted(windows, figure);
    return values[values.length - 1];
  }

  private static double[] sorted(List<Window> windows, ToDoubleFunction<Window> figure) {
    return windows.stream().mapToDouble(figure).sorted().toArray();
  }
}
