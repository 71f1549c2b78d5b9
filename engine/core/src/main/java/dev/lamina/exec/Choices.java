package dev.lamina.exec;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Decisions that depend on timing, by what was decided: implementation of an op, number of lanes.
 * Equal choices on an equal device give equal bits, so runs record them and can be given those of
 * another run. A decision, once made, is never changed. Thread-safe.
 */
public final class Choices {
  private final ConcurrentSkipListMap<String, String> made = new ConcurrentSkipListMap<>();

  /** Starts without any decision. */
  public Choices() {}

  /** Starts with the decisions of another run. */
  public Choices(Map<String, String> earlier) {
    made.putAll(earlier);
  }

  /** Returns the decision under that key, if it has been made. */
  public Optional<String> get(String key) {
    return Optional.ofNullable(made.get(key));
  }

  /** Notes a decision, and returns the one that counts: an earlier one stands. */
  public String decide(String key, String value) {
    String earlier = made.putIfAbsent(key, value);
    return earlier == null ? value : earlier;
  }

  /** Returns all decisions, ordered by key. */
  public Map<String, String> all() {
    return new TreeMap<>(made);
  }
}
