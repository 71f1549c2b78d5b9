package dev.lamina.exec;

import java.util.HashMap;
import java.util.Map;

/**
 * Knows whether what is derived from a model's values, such as folded weights, still follows from
 * them. Whatever may change parameters, statistics or their averages says so here: training plans
 * by being launched, transfers by being written.
 */
final class Freshness {
  /** Changes so far. */
  private long changes = 1;

  /** The change up to which derived memory is up to date, by its key. */
  private final Map<String, Long> derived = new HashMap<>();

  /** Notes that values may have changed, or are about to. */
  void changed() {
    changes++;
  }

  /** Says whether derived memory must be made anew. */
  boolean stale(String key) {
    return derived.getOrDefault(key, 0L) < changes;
  }

  /** Notes that derived memory has been made from the values as they are. */
  void refreshed(String key) {
    derived.put(key, changes);
  }
}
