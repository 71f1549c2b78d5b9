package dev.lamina.naming;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name a user probably meant. */
public final class Names {
  private Names() {}

  /** Returns the nearest of {@code known} within a third of its letters, if there is one. */
  public static Optional<String> nearest(String given, Collection<String> known) {
    String lower = given.toLowerCase(Locale.ROOT);
    return known.stream()
        .filter(name -> distance(lower, name) <= Math.max(1, name.length() / 3))
        .min(Comparator.comparingInt(name -> distance(lower, name)));
  }

  /** Returns {@code ; did you mean NAME?} or nothing, to end an error message with. */
  public static String suggestion(String given, Collection<String> known) {
    return nearest(given, known).map(name -> "; did you mean " + name + "?").orElse("");
  }

  /** Edit distance; two neighbouring letters in the wrong order count as one edit. */
  private static int distance(String a, String b) {
    int[][] table = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          table[i][j] = i + j;
          continue;
        }
        int substituted = table[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int edits = Math.min(substituted, 1 + Math.min(table[i - 1][j], table[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        table[i][j] = swapped ? Math.min(edits, 1 + table[i - 2][j - 2]) : edits;
      }
    }
    return table[a.length()][b.length()];
  }
}
