package dev.lamina.cli.experiment;

import java.util.List;
import java.util.Map;

/**
 * One combination of what varies.
 *
 * @param values label by axis, in the order of the axes
 * @param published figures that others reported for it
 * @param runs one for each seed
 */
record Cell(Map<String, String> values, Map<String, Double> published, List<PlannedRun> runs) {
  /** Returns the combination as {@code optimizer adam, lr 0.001}. */
  String label() {
    return label(values);
  }

  static String label(Map<String, String> values) {
    StringBuilder label = new StringBuilder();
    values.forEach(
        (axis, value) ->
            label.append(label.isEmpty() ? "" : ", ").append(axis).append(' ').append(value));
    return label.toString();
  }
}
