package dev.lamina.exec;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Decisions that depend on timing, by what was decided: implementation of an op, number of lanes.
 * Equal choices on an equal device give equal bits, so runs record them and can be given those of
 * another run. Thread-safe.
 */
public final class Choices {
  private final ConcurrentSkipListMap<String, String> made = new ConcurrentSkipListMap<>();
  private final boolean binding;

  private Choices(Map<String, String> earlier, boolean binding) {
    made.putAll(earlier);
    this.binding = binding;
  }

  /** Starts without any decision. */
  public Choices() {
    this(Map.of(), false);
  }

  /** Starts with the decisions of a run that is to be repeated: what is not offered is an error. */
  public static Choices of(Map<String, String> run) {
    return new Choices(run, true);
  }

  /** Starts with decisions that save time: what is not offered any more is decided anew. */
  public static Choices remembered(Map<String, String> earlier) {
    return new Choices(earlier, false);
  }

  /** Says whether a decision that cannot be followed is an error, as {@link #of} makes it. */
  public boolean binding() {
    return binding;
  }

  /** Returns the decision under that key, if it has been made. */
  public Optional<String> get(String key) {
    return Optional.ofNullable(made.get(key));
  }

  /** Notes a decision and returns it. */
  public String decide(String key, String value) {
    made.put(key, value);
    return value;
  }

  /** Returns all decisions, ordered by key. */
  public Map<String, String> all() {
    return new TreeMap<>(made);
  }
}
