package dev.lamina.datasets;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The ways to write each digit, as the path of the pen: points that a smooth curve goes through, on
 * a sheet of 100 by 100 with its origin at the top left.
 */
final class DigitStyles {
  /**
   * Styles of the digits 0 to 9. A stroke is a run of points {@code x,y}; {@code !} after a point
   * makes a corner there, {@code /} lifts the pen.
   */
  private static final List<List<String>> PATHS =
      List.of(
          List.of(
              "50,0 24,10 10,50 24,90 50,100 76,90 90,50 76,10 50,0",
              "62,3 36,4 18,30 18,70 38,98 64,96 82,70 82,32 68,8 44,4",
              "66,8 40,0 14,26 10,66 34,98 66,96 90,66 86,28 64,6 50,16"),
          List.of(
              "50,0 50,50 50,100",
              "28,24 44,14 56,0! 54,50 54,100",
              "26,22 42,14 54,0! 54,50 54,100! / 26,100 54,99 82,100",
              "60,0 52,48 42,100"),
          List.of(
              "14,26 26,6 54,0 80,14 78,40 52,66 12,98! 50,96 90,99",
              "16,22 36,3 66,3 82,24 70,50 42,80 18,94 10,84 24,78 50,94 90,92",
              "12,14 46,0 80,12 80,36 54,64 16,92 10,100! 48,94 92,100",
              "20,30 40,4 72,8 74,38 44,72 14,100! 88,100"),
          List.of(
              "14,14 44,0 78,10 78,34 42,48! 80,56 88,80 56,100 10,88",
              "14,3! 50,2 84,2! 62,20 42,42! 76,48 88,74 60,99 12,92",
              "18,10 52,0 80,18 66,40 40,48 50,46 82,62 80,90 44,100 12,86",
              "24,8 56,2 74,20 62,42 40,47! 72,54 78,82 48,100 20,90"),
          List.of(
              "26,0 14,54! 50,56 90,54! / 72,6 68,100",
              "66,0 38,34 8,68! 50,68 94,66! / 68,0 66,50 66,100",
              "18,4 14,34 24,54 50,54 78,44! / 82,2 76,50 68,100",
              "60,0 10,60! 88,60! / 60,40 56,100"),
          List.of(
              "84,2! 56,2 28,2! 20,44! 50,36 82,54 80,86 46,100 10,88",
              "26,4 20,46! 54,38 84,62 70,94 38,100 12,88 / 26,4 56,3 88,2",
              "84,6 50,2 28,16 26,42 60,46 84,70 62,98 14,94",
              "78,0! 30,4! 26,42! 60,40 78,66 62,94 20,100"),
          List.of(
              "72,2 38,20 14,62 24,94 56,100 82,82 74,56 46,50 18,70",
              "56,0 28,36 14,74 34,100 68,94 76,66 50,54 20,76",
              "80,14 58,0 28,20 12,62 28,96 62,98 82,74 62,52 32,58 16,78",
              "44,0 26,50 26,88 50,100 74,86 70,62 48,56 28,76"),
          List.of(
              "10,4! 50,5 88,4! 64,48 44,100",
              "10,6! 50,5 88,4! 64,48 46,100! / 32,52 56,50 80,50",
              "12,16 16,4! 48,7 86,4! 58,42 42,100",
              "16,2! 80,2! 66,40 60,100"),
          List.of(
              "78,16 52,0 22,12 28,36 68,58 84,82 52,100 16,84 30,58 70,38 78,16",
              "50,0 26,10 26,36 50,46 74,36 74,10 50,0! / 50,46 18,60 18,90 50,100 82,90 82,60"
                  + " 50,46",
              "50,46 26,32 32,6 62,2 74,24 52,46 24,68 28,94 60,100 78,80 50,46",
              "66,8 40,2 28,22 48,44 70,66 62,96 36,98 30,72 52,46 70,24 64,6"),
          List.of(
              "80,20 54,0 18,16 22,46 52,52 80,20! 80,60 74,100",
              "82,14 50,0 16,22 26,50 60,46 82,14! 84,60 64,94 24,98",
              "76,24 48,2 20,26 36,52 66,42 76,20 70,62 52,100",
              "72,30 52,4 26,24 40,50 70,28! 68,66 66,100"));

  private static final List<List<Path>> STYLES =
      PATHS.stream().map(styles -> styles.stream().map(DigitStyles::parse).toList()).toList();

  private DigitStyles() {}

  /** Returns the ways to write the digit. */
  static List<Path> of(int digit) {
    return STYLES.get(digit);
  }

  /**
   * The points of one way to write a digit.
   *
   * @param x right, from -0.5 to 0.5
   * @param y down, from -0.5 to 0.5
   * @param corner where the curve may bend sharply
   * @param end where a stroke ends and the pen is lifted
   */
  record Path(float[] x, float[] y, boolean[] corner, boolean[] end) {
    int points() {
      return x.length;
    }
  }

  private static Path parse(String text) {
    String[] words = text.split(" ");
    int points = words.length - Collections.frequency(Arrays.asList(words), "/");
    Path path =
        new Path(new float[points], new float[points], new boolean[points], new boolean[points]);
    int point = 0;
    for (String word : words) {
      if (word.equals("/")) {
        path.end[point - 1] = true;
        continue;
      }
      path.corner[point] = word.endsWith("!");
      String[] xy = word.replace("!", "").split(",");
      path.x[point] = Integer.parseInt(xy[0]) / 100f - 0.5f;
      path.y[point] = Integer.parseInt(xy[1]) / 100f - 0.5f;
      point++;
    }
    path.end[point - 1] = true;
    return path;
  }
}
