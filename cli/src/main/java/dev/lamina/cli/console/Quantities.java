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

  /** Returns a large count as {@code 416.5 k}, {@code 714.2 M} or {@code 15.47 G}. */
  public static String scaled(long count) {
    if (count < 1000) {
      return Long.toString(count);
    }
    String[] units = {"k", "M", "G", "T"};
    double value = count / 1000.0;
    int unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    int decimals = value < 100 ? 2 : 1;
    return String.format(Locale.ROOT, "%." + decimals + "f %s", value, units[unit]);
  }

  /** Returns a duration as {@code 0:07}, {@code 12:30} or {@code 1:02:03}. */
  public static String duration(double seconds) {
    long whole = Math.round(seconds);
    return whole < 3600
        ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }

  /** Returns a share from 0 to 1 as {@code 98.72 %}; a dash where it is no number. */
  public static String percent(double share) {
    return Double.isFinite(share) ? String.format(Locale.ROOT, "%.2f %%", 100 * share) : "-";
  }

  /** Returns a loss with four significant places; a dash where it is no number. */
  public static String loss(double loss) {
    return Double.isFinite(loss) ? String.format(Locale.ROOT, "%.4f", loss) : "-";
  }
}
