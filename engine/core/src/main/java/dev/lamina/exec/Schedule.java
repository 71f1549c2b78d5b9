package dev.lamina.exec;

import java.util.List;

/**
 * Ordered tasks over planned memory, for one device: what an {@link ExecutionPlan} is built from.
 * It owns the prepared ops.
 *
 * @param name what the plan is for, for example {@code training 64}
 * @param stages in order; the tasks of a stage's lanes run beside each other
 * @param slabs bytes of each slab
 * @param remarks what was joined to one op or kept apart, for people
 */
public record Schedule(String name, List<Stage> stages, List<Long> slabs, List<String> remarks)
    implements AutoCloseable {
  /**
   * Tasks of one stage, by lane.
   *
   * @param name for example {@code gradients}
   * @param derives whether it makes what follows from the model's values alone, so that it is run
   *     only after these have changed; such stages come first
   */
  public record Stage(String name, List<List<Task>> lanes, boolean derives) {
    /** Makes a stage that is part of every run. */
    public Stage(String name, List<List<Task>> lanes) {
      this(name, lanes, false);
    }

    /** Copies the lists. */
    public Stage {
      lanes = lanes.stream().map(List::copyOf).toList();
    }
  }

  /** Copies the lists. */
  public Schedule {
    stages = List.copyOf(stages);
    slabs = List.copyOf(slabs);
    remarks = List.copyOf(remarks);
  }

  /** Makes a schedule of which there is nothing to remark. */
  public Schedule(String name, List<Stage> stages, List<Long> slabs) {
    this(name, stages, slabs, List.of());
  }

  /** Returns the bytes of all slabs. */
  public long slabBytes() {
    return slabs.stream().mapToLong(Long::longValue).sum();
  }

  /** Returns all tasks, in order, lane after lane. */
  public List<Task> tasks() {
    return stages.stream().flatMap(stage -> stage.lanes().stream()).flatMap(List::stream).toList();
  }

  /** Releases the prepared ops. */
  @Override
  public void close() {
    try (ResourceStack ops = new ResourceStack()) {
      tasks().forEach(task -> ops.push(task.prepared()));
    }
  }
}
