package dev.lamina.cli.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/**
 * Where values lie on an axis.
 *
 * @param least value at {@code from}
 * @param most value at {@code to}
 * @param ticks values to write at the axis
 */
record Scale(double least, double most, double from, double to, List<Double> ticks) {
  private static final int WANTED_TICKS = 5;

  /**
   * Makes an axis over a range, which may be a single value.
   *
   * @param whole whether ticks stand on whole numbers only
   * @param round whether the axis ends at ticks
   */
  static Scale of(double least, double most, boolean whole, double from, double to, boolean round) {
    double low = least;
    double high = most;
    if (!(high > low)) {
      double around = whole ? 1 : Math.max(Math.abs(low) * 0.05, 1e-6);
      low -= around;
      high += around;
    }
    double step = step((high - low) / WANTED_TICKS);
    if (whole) {
      step = Math.max(1, Math.rint(step));
    }
    if (round) {
      low = Math.floor(low / step + 1e-9) * step;
      high = Math.ceil(high / step - 1e-9) * step;
    }
    List<Double> ticks = new ArrayList<>();
    for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
      ticks.add(i * step);
    }
    return new Scale(low, high, from, to, ticks);
  }

  /** Returns 1, 2 or 5 times a power of ten, at least the given width. */
  private static double step(double width) {
    double power = Math.pow(10, Math.floor(Math.log10(width)));
    for (double factor : new double[] {1, 2, 5}) {
      if (factor * power >= width * (1 - 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  double place(double value) {
    return from + (value - least) / (most - least) * (to - from);
  }

  /** Returns a number with at most four figures; a dash where it is none. */
  static String plain(double value) {
    if (!Double.isFinite(value)) {
      return "-";
    }
    if (value == 0) {
      return "0";
    }
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros();
    double size = Math.abs(value);
    return size >= 1e-4 && size < 1e7
        ? rounded.toPlainString()
        : rounded.toString().replace("E", "e");
  }
}
