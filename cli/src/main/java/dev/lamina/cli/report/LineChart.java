package dev.lamina.cli.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** Draws lines over a common abscissa as SVG, with a legend and a summary for screen readers. */
final class LineChart {
  /**
   * One line.
   *
   * @param label in the legend; empty for a line that is only background
   * @param style class of the line in the style sheet
   * @param points {@code [x, y]}, finite, in order of x; a third number is how far y may be off
   */
  record Series(String label, String style, List<double[]> points) {}

  private static final double WIDTH = 360;
  private static final double HEIGHT = 210;
  private static final double LEFT = 50;
  private static final double RIGHT = 12;
  private static final double TOP = 10;
  private static final double BOTTOM = 36;
  private static final int MOST_DOTS = 40;
  private static final double DECADES = 20;
  private static final double CAP = 3;

  private final String title;
  private final String abscissa;
  private final DoubleFunction<String> format;
  private final List<Series> lines = new ArrayList<>();
  private double least = Double.POSITIVE_INFINITY;
  private double most = Double.NEGATIVE_INFINITY;
  private boolean wholeSteps;
  private boolean logarithmic;
  private List<Double> ticks = List.of();
  private double mark = Double.NaN;
  private String note = "";

  /**
   * Makes an empty chart.
   *
   * @param format how values on the ordinate read
   */
  LineChart(String title, String abscissa, DoubleFunction<String> format) {
    this.title = title;
    this.abscissa = abscissa;
    this.format = format;
  }

  /** Adds a line; one without points is left out. */
  LineChart line(Series series) {
    if (!series.points().isEmpty()) {
      lines.add(series);
      for (double[] point : series.points()) {
        include(point[1] - spread(point));
        include(point[1] + spread(point));
      }
    }
    return this;
  }

  /** Makes the ordinate reach a value. */
  LineChart include(double value) {
    least = Math.min(least, value);
    most = Math.max(most, value);
    return this;
  }

  /** Puts ticks of the abscissa on whole numbers. */
  LineChart wholeSteps() {
    wholeSteps = true;
    return this;
  }

  /**
   * Puts ticks of the abscissa on these values alone, in powers of ten where they spread over
   * decades.
   */
  LineChart ticksAt(List<Double> values) {
    ticks = List.copyOf(values);
    double lowest = Collections.min(values);
    logarithmic = lowest > 0 && Collections.max(values) / lowest >= DECADES;
    return this;
  }

  /** Marks a place on the abscissa; NaN marks none. */
  LineChart mark(double x, String label) {
    mark = x;
    return Double.isFinite(x) ? note(label) : this;
  }

  /** Writes a sentence under the chart. */
  LineChart note(String text) {
    note = text;
    return this;
  }

  /** Writes the chart, or nothing where it has no line. */
  void write(Html html) {
    if (lines.isEmpty()) {
      return;
    }
    double first = Double.POSITIVE_INFINITY;
    double last = Double.NEGATIVE_INFINITY;
    for (Series series : lines) {
      for (double[] point : series.points()) {
        first = Math.min(first, abscissa(point[0]));
        last = Math.max(last, abscissa(point[0]));
      }
    }
    Scale x = Scale.of(first, last, wholeSteps, LEFT, WIDTH - RIGHT, false);
    Scale y = Scale.of(least, most, false, HEIGHT - BOTTOM, TOP, true);
    html.open("figure", "class", "chart");
    html.open("figcaption").leaf("b", title);
    for (Series series : lines) {
      if (!series.label().isEmpty()) {
        html.text(" ").leaf("span", series.label(), "class", "key " + series.style());
      }
    }
    html.close();
    html.open(
        "svg",
        "viewBox",
        "0 0 %s %s".formatted(at(WIDTH), at(HEIGHT)),
        "role",
        "img",
        "aria-label",
        summary());
    axes(html, x, y);
    mark(html, x);
    for (Series series : lines) {
      draw(html, series, x, y);
    }
    html.close();
    if (!note.isEmpty()) {
      html.leaf("p", note, "class", "note");
    }
    html.close();
  }

  private double abscissa(double value) {
    return logarithmic ? Math.log10(value) : value;
  }

  private static double spread(double[] point) {
    return point.length > 2 && Double.isFinite(point[2]) ? point[2] : 0;
  }

  private String summary() {
    StringBuilder text = new StringBuilder(title);
    for (Series series : lines) {
      if (series.label().isEmpty()) {
        continue;
      }
      double[] end = series.points().get(series.points().size() - 1);
      text.append("; ").append(series.label()).append(" ends at ").append(format.apply(end[1]));
    }
    return text.toString();
  }

  private void axes(Html html, Scale x, Scale y) {
    for (double tick : y.ticks()) {
      String level = at(y.place(tick));
      html.empty(
          "line",
          "class",
          "rule",
          "x1",
          at(LEFT),
          "x2",
          at(WIDTH - RIGHT),
          "y1",
          level,
          "y2",
          level);
      html.leaf(
          "text", format.apply(tick), "x", at(LEFT - 6), "y", at(y.place(tick) + 4), "class", "y");
    }
    for (double tick : ticks.isEmpty() ? x.ticks() : ticks) {
      html.leaf(
          "text",
          Scale.plain(tick),
          "x",
          at(x.place(abscissa(tick))),
          "y",
          at(HEIGHT - BOTTOM + 15),
          "class",
          "x");
    }
    html.leaf(
        "text", abscissa, "x", at((LEFT + WIDTH - RIGHT) / 2), "y", at(HEIGHT - 5), "class", "x");
  }

  private void mark(Html html, Scale x) {
    if (Double.isFinite(mark)) {
      String place = at(x.place(abscissa(mark)));
      html.empty(
          "line",
          "class",
          "mark",
          "x1",
          place,
          "x2",
          place,
          "y1",
          at(TOP),
          "y2",
          at(HEIGHT - BOTTOM));
    }
  }

  private void draw(Html html, Series series, Scale x, Scale y) {
    StringBuilder path = new StringBuilder();
    for (double[] point : series.points()) {
      path.append(path.isEmpty() ? "M" : "L")
          .append(at(x.place(abscissa(point[0]))))
          .append(' ')
          .append(at(y.place(point[1])));
    }
    html.empty("path", "class", "line " + series.style(), "d", path.toString());
    for (double[] point : series.points()) {
      if (spread(point) > 0) {
        errorBar(html, series, x.place(abscissa(point[0])), point, y);
      }
      boolean marked = point[0] == mark;
      if (marked || !series.label().isEmpty() && series.points().size() <= MOST_DOTS) {
        html.open(
            "circle",
            "class",
            "dot " + series.style(),
            "cx",
            at(x.place(abscissa(point[0]))),
            "cy",
            at(y.place(point[1])),
            "r",
            marked ? "4.5" : "2.2");
        String where = abscissa + " " + Scale.plain(point[0]);
        String off = spread(point) > 0 ? " \u00b1 " + format.apply(spread(point)) : "";
        html.leaf("title", series.label() + ", " + where + ": " + format.apply(point[1]) + off);
        html.close();
      }
    }
  }

  private static void errorBar(Html html, Series series, double at, double[] point, Scale y) {
    double low = y.place(point[1] - point[2]);
    double high = y.place(point[1] + point[2]);
    String path =
        "M%s %sV%sM%s %sH%sM%s %sH%s"
            .formatted(
                at(at),
                at(low),
                at(high),
                at(at - CAP),
                at(low),
                at(at + CAP),
                at(at - CAP),
                at(high),
                at(at + CAP));
    html.empty("path", "class", "whisker " + series.style(), "d", path);
  }

  private static String at(double coordinate) {
    String text = String.format(Locale.ROOT, "%.1f", coordinate);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
