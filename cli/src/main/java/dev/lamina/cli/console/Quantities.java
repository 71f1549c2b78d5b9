package dev.lamina.cli.console;

import java.util.Locale;

/** Numbers the way people read them; the same in every locale. */
public final class Quantities {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Quantities() {}

  /** Returns bytes as {@code 27.1 MiB}. */
  public static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0
        ? bytes + " " + UNITS[0]
        : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
  }

  /** Returns a count as {@code 61,706}. */
  public static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }
}
