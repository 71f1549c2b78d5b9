package dev.lamina.testkit;

import java.util.Map;
import java.util.TreeMap;

/**
 * What a {@link ReferenceDevice} has been asked to do since it was opened. Subtract two to learn
 * what a step did.
 *
 * @param allocations buffers allocated in arenas or pinned
 * @param prepared calls prepared
 * @param recorded replays recorded
 * @param launched replays launched
 * @param uploads copies to the device
 * @param downloads copies from the device
 * @param waits {@code sync()} and {@code await()} calls
 * @param runs how often each op ran, by its name; ops that did not run are absent
 */
public record ReferenceCounts(
    long allocations,
    long prepared,
    long recorded,
    long launched,
    long uploads,
    long downloads,
    long waits,
    Map<String, Long> runs) {

  /** Copies the map. */
  public ReferenceCounts {
    runs = Map.copyOf(runs);
  }

  /** Returns how often an op ran. */
  public long runs(String op) {
    return runs.getOrDefault(op, 0L);
  }

  /** Returns what happened after {@code earlier}. */
  public ReferenceCounts since(ReferenceCounts earlier) {
    Map<String, Long> difference = new TreeMap<>();
    runs.forEach(
        (op, count) -> {
          if (count > earlier.runs(op)) {
            difference.put(op, count - earlier.runs(op));
          }
        });
    return new ReferenceCounts(
        allocations - earlier.allocations,
        prepared - earlier.prepared,
        recorded - earlier.recorded,
        launched - earlier.launched,
        uploads - earlier.uploads,
        downloads - earlier.downloads,
        waits - earlier.waits,
        difference);
  }
}
