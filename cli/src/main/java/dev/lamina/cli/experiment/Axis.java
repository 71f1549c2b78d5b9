package dev.lamina.cli.experiment;

import dev.lamina.cli.config.Given;
import dev.lamina.cli.config.Setting;
import java.util.List;
import java.util.Map;

/**
 * What an experiment varies.
 *
 * @param name the setting's key, or what the file calls a group of settings
 * @param points its values, in the file's order
 */
record Axis(String name, List<Point> points) {
  /**
   * One value.
   *
   * @param label how it reads
   * @param settings what it sets
   * @param published figures that others reported for it, by name of the figure
   */
  record Point(String label, Map<Setting<?>, Given> settings, Map<String, Double> published) {}

  /** Keeps a copy. */
  Axis {
    points = List.copyOf(points);
  }

  /** Returns whether all values are numbers, so that they have a place on a line. */
  boolean numeric() {
    return points.stream()
        .allMatch(point -> point.label().matches("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?"));
  }
}
