package dev.lamina.cli.report;

import java.util.List;
import java.util.Map;

/** A JSON object read with indulgence: what is missing or of another type is empty or NaN. */
record Tree(Map<?, ?> values) {
  boolean has(String key) {
    return values.get(key) != null;
  }

  String text(String key) {
    return has(key) ? values.get(key).toString() : "";
  }

  double number(String key) {
    return values.get(key) instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  /** Returns an index or a count; -1 where there is none. */
  int index(String key) {
    return values.get(key) instanceof Number number ? number.intValue() : -1;
  }

  Tree tree(String key) {
    return new Tree(values.get(key) instanceof Map<?, ?> map ? map : Map.of());
  }

  List<?> list(String key) {
    return values.get(key) instanceof List<?> list ? list : List.of();
  }

  List<Tree> trees(String key) {
    return list(key).stream()
        .filter(Map.class::isInstance)
        .map(element -> new Tree((Map<?, ?>) element))
        .toList();
  }
}
