package dev.lamina.bench.peers;

import dev.lamina.bench.peers.engine.Mode;
import java.util.List;
import java.util.Locale;

/** A comparison as text. */
final class Table {
  private static final double MEGABYTE = 1e6;

  private final StringBuilder text = new StringBuilder();

  private Table() {}

  static String of(Comparison comparison) {
    Table table = new Table();
    table.conditions(comparison);
    for (Agreement agreement : comparison.agreements()) {
      table.mode(
          agreement,
          comparison.summaries().stream()
              .filter(summary -> summary.mode() == agreement.mode())
              .toList());
      comparison.ratios().stream()
          .filter(ratio -> ratio.mode() == agreement.mode())
          .forEach(table::ratio);
    }
    return table.text.toString();
  }

  private void conditions(Comparison comparison) {
    Settings settings = comparison.settings();
    Host host = comparison.host();
    line(
        "%s, batch size %d, %d resident batches, SGD with momentum, %d threads",
        settings.model(), settings.batchSize(), settings.batches(), settings.threads());
    line("%s, %d processors, %s, %s", host.cpu(), host.processors(), host.system(), host.java());
    comparison.runs().stream()
        .map(run -> run.report().engine() + " " + run.report().version())
        .distinct()
        .forEach(version -> line("%s", version));
    List<Run> busy = comparison.runs().stream().filter(run -> !run.before().idle()).toList();
    double most =
        comparison.runs().stream().mapToDouble(run -> run.before().busyShare()).max().orElse(0);
    if (busy.isEmpty()) {
      line("machine: idle before every run (at most %.0f %% busy)", 100 * most);
    } else {
      line(
          "machine: NOT IDLE before %d of %d runs (up to %.0f %% busy after waiting)",
          busy.size(), comparison.runs().size(), 100 * most);
    }
  }

  private void mode(Agreement agreement, List<Summary> summaries) {
    line("");
    line(
        "%-32s %10s %10s %8s %12s %9s %8s",
        agreement.mode(), "images/s", "images/s", "update", "best without", "peak MB", "windows");
    line(
        "%-32s %10s %10s %8s %12s %9s %8s",
        "", "best", "median", "share", "update", "lowest", "counted");
    for (Summary summary : summaries) {
      line(
          "%-32s %10s %10s %8s %12s %9.0f %8s",
          "  " + summary.engine() + " " + summary.variant(),
          speed(summary.bestImagesPerSecond()),
          speed(summary.medianImagesPerSecond()),
          summary.updateShare() == null ? "-" : percent(summary.updateShare()),
          summary.updateShare() == null ? "-" : speed(summary.bestWithoutUpdate()),
          summary.lowestPeakBytes() / MEGABYTE,
          summary.undisturbedWindows() + "/" + summary.windows());
    }
    List<String> disturbed =
        summaries.stream()
            .filter(summary -> summary.undisturbedWindows() == 0)
            .map(summary -> summary.engine() + " " + summary.variant())
            .toList();
    if (!disturbed.isEmpty()) {
      line(
          "DISTURBED: other processes ran during all windows of %s: these figures are too low",
          String.join(", ", disturbed));
    }
    if (agreement.holds()) {
      line(
          "same work: %s agree within %.1e (limit %.0e)",
          agreement.mode() == Mode.TRAINING ? "the first losses" : "the first probabilities",
          agreement.largestDifference(),
          agreement.limit());
    } else {
      line("NOT THE SAME WORK: %s; the figures must not be compared", agreement.problem());
    }
  }

  /** Images a second, with a decimal where whole ones would say little. */
  static String speed(double imagesPerSecond) {
    return String.format(Locale.ROOT, imagesPerSecond < 100 ? "%.1f" : "%,.0f", imagesPerSecond);
  }

  private void ratio(Ratio ratio) {
    line(
        "lamina %s (median) is %.2f times as fast as %s %s (best)%s; its peak memory is %.2f times"
            + " %s's",
        ratio.ours(),
        ratio.speed(),
        ratio.peer(),
        ratio.peerVariant(),
        ratio.speedWithoutPeerUpdate() == null
            ? ""
            : String.format(
                Locale.ROOT,
                ", %.2f times if the updates of %s took no time",
                ratio.speedWithoutPeerUpdate(),
                ratio.peer()),
        ratio.memory(),
        ratio.peer());
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
  }
}
