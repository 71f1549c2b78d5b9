package dev.lamina.task;

import dev.lamina.exec.Profile;
import java.util.List;
import java.util.Optional;

/**
 * What one execution took.
 *
 * @param nanos from start to end on the host, transfers included
 * @param profiled time of each task and transfer; empty unless asked for by {@link
 *     TaskGraph.Builder#withProfiler}, since tasks then run one by one
 */
public record ExecutionResult(long nanos, Optional<Profile> profiled) {
  /** Says whether tasks ran one by one, for the sake of a profile. */
  public boolean isProfiled() {
    return profiled.isPresent();
  }

  /**
   * Returns time of each task and transfer.
   *
   * @throws IllegalStateException if the plan was built without a profiler
   */
  public Profile profile() {
    return profiled.orElseThrow(
        () ->
            new IllegalStateException(
                "the plan has no profiler; build it with graph.on(device).withProfiler()"));
  }

  /** Returns the spans of the tasks, in order; empty without a profiler. */
  public List<Profile.Span> tasks() {
    return spans(true);
  }

  /** Returns the spans of the transfers that were made, in order; empty without a profiler. */
  public List<Profile.Span> transfers() {
    return spans(false);
  }

  private List<Profile.Span> spans(boolean tasks) {
    return profiled
        .map(
            profile ->
                profile.spans().stream()
                    .filter(span -> tasks == (span.kind() == Profile.Kind.TASK))
                    .toList())
        .orElse(List.of());
  }
}
