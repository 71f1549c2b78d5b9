package dev.lamina.bench.ops;

import dev.lamina.bench.ops.Report.Place;
import dev.lamina.bench.ops.Result.Measured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A report as text: a line for each case, then one for each op of a list. */
final class Table {
  private final StringBuilder text = new StringBuilder();
  private final boolean compared;

  private Table(boolean compared) {
    this.compared = compared;
  }

  static String of(Report report) {
    Table table = new Table(report.against() != null);
    table.place(report.device());
    if (table.compared) {
      table.place(report.against());
    }
    Map<String, List<Result>> lists = new LinkedHashMap<>();
    for (Result result : report.results()) {
      lists.computeIfAbsent(result.list(), name -> new ArrayList<>()).add(result);
    }
    lists.forEach((name, results) -> table.list(name, report.batch(), results));
    return table.text.toString();
  }

  private void place(Place place) {
    line(
        "%s: %s, %d compute units, %s; peak %.0f GFLOP/s, %.1f GB/s",
        place.name(),
        place.description(),
        place.computeUnits(),
        place.libraries(),
        place.peak().gflops(),
        place.peak().gigabytesPerSecond());
  }

  private void list(String name, int batch, List<Result> results) {
    line("");
    line("%s%s", name, name.equals(OddShapes.NAME) ? "" : ", batch " + batch);
    line(
        "%-34s %5s %10s %10s %8s %7s %9s%s  %s",
        "op",
        "times",
        "least us",
        "median us",
        "GFLOP/s",
        "GB/s",
        "of peak",
        compared ? String.format(" %10s %6s", "other us", "ratio") : "",
        "shapes; way" + (compared ? "; other way" : ""));
    results.forEach(this::row);
    if (compared) {
      line(
          "%-34s %5s %10s %10s %6s %6s",
          "all calls of an op", "times", "us", "other us", "ratio", "least");
      Map<String, List<Result>> ops = new LinkedHashMap<>();
      for (Result result : results) {
        if (!Double.isNaN(result.ratio())) {
          ops.computeIfAbsent(result.op(), op -> new ArrayList<>()).add(result);
        }
      }
      ops.forEach(this::sum);
      sum("all", ops.values().stream().flatMap(List::stream).toList());
    }
  }

  private void row(Result result) {
    Measured own = result.measured();
    Measured other = result.against();
    String name = result.place().equals(result.op()) ? result.op() : result.place();
    String figures =
        own == null
            ? String.format("%10s %10s %8s %7s %9s", "-", "-", "-", "-", "-")
            : String.format(
                Locale.ROOT,
                "%10.1f %10.1f %8.1f %7.1f %9s",
                own.leastMicros(),
                own.medianMicros(),
                own.gflops(),
                own.gigabytesPerSecond(),
                share(own));
    String against = "";
    if (compared) {
      against =
          other == null
              ? String.format(" %10s %6s", "-", "-")
              : String.format(
                  Locale.ROOT, " %10.1f %6s", other.leastMicros(), ratio(result.ratio()));
    }
    line(
        "%-34s %5d %s%s  %s; %s%s",
        name,
        result.times(),
        figures,
        against,
        result.op() + " " + result.shapes(),
        own == null ? "not supported" : own.way(),
        other == null ? "" : "; " + other.way());
  }

  private void sum(String op, List<Result> results) {
    double own = 0;
    double other = 0;
    double least = Double.MAX_VALUE;
    int times = 0;
    for (Result result : results) {
      own += result.times() * result.measured().leastMicros();
      other += result.times() * result.against().leastMicros();
      least = Math.min(least, result.ratio());
      times += result.times();
    }
    if (times > 0) {
      line(
          "%-34s %5d %10.1f %10.1f %6s %6s",
          op, times, own, other, ratio(other / own), ratio(least));
    }
  }

  /** The larger share says what bounds a call. */
  private static String share(Measured measured) {
    boolean arithmetic = measured.shareOfArithmetic() >= measured.shareOfBandwidth();
    return String.format(
        Locale.ROOT,
        "%.0f%% %s",
        100 * (arithmetic ? measured.shareOfArithmetic() : measured.shareOfBandwidth()),
        arithmetic ? "fma" : "mem");
  }

  private static String ratio(double ratio) {
    return Double.isNaN(ratio) ? "-" : String.format(Locale.ROOT, "%.2f", ratio);
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
  }
}
