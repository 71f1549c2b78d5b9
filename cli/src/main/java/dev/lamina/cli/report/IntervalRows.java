package dev.lamina.cli.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/**
 * Means with their deviations, one row for each: what a line chart is for things without an order.
 */
final class IntervalRows {
  private record Row(String label, double mean, double deviation) {}

  private static final double WIDTH = 100;
  private static final double HEIGHT = 16;

  private final String title;
  private final DoubleFunction<String> ends;
  private final DoubleFunction<String> format;
  private final List<Row> rows = new ArrayList<>();
  private double least = Double.POSITIVE_INFINITY;
  private double most = Double.NEGATIVE_INFINITY;

  /**
   * Makes an empty plot.
   *
   * @param ends how the ends of the scale read
   * @param format how means read
   */
  IntervalRows(String title, DoubleFunction<String> ends, DoubleFunction<String> format) {
    this.ends = ends;
    this.title = title;
    this.format = format;
  }

  /** Adds a row; a deviation that is no number counts as none. */
  void row(String label, double mean, double deviation) {
    double off = Double.isFinite(deviation) ? deviation : 0;
    rows.add(new Row(label, mean, off));
    if (Double.isFinite(mean)) {
      least = Math.min(least, mean - off);
      most = Math.max(most, mean + off);
    }
  }

  /** Writes the rows, or nothing where none has a mean. */
  void write(Html html) {
    if (!(most >= least)) {
      return;
    }
    Scale scale = Scale.of(least, most, false, 1, WIDTH - 1, true);
    html.open("figure", "class", "wide");
    html.open("figcaption").leaf("b", title).text(" ");
    html.leaf(
        "span",
        "from " + ends.apply(scale.least()) + " to " + ends.apply(scale.most()),
        "class",
        "note");
    html.close().open("table", "class", "intervals").open("tbody");
    for (Row row : rows) {
      html.open("tr").leaf("th", row.label(), "scope", "row").open("td", "class", "plot");
      if (Double.isFinite(row.mean())) {
        plot(html, row, scale);
      }
      html.close().leaf("td", format.apply(row.mean())).close();
    }
    html.close().close().close();
  }

  private static void plot(Html html, Row row, Scale scale) {
    double at = scale.place(row.mean());
    double low = scale.place(row.mean() - row.deviation());
    double high = scale.place(row.mean() + row.deviation());
    double middle = HEIGHT / 2;
    html.open("svg", "viewBox", "0 0 100 16", "preserveAspectRatio", "none", "aria-hidden", "true");
    html.empty("path", "class", "rule", "d", path("M0 %.2fH100", middle));
    if (row.deviation() > 0) {
      html.empty(
          "path",
          "class",
          "whisker train",
          "d",
          path("M%.2f %.2fH%.2fM%.2f 4V12M%.2f 4V12", low, middle, high, low, high));
    }
    html.empty("path", "class", "mean train", "d", path("M%.2f 2V14", at));
    html.close();
  }

  private static String path(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }
}
