package dev.lamina.exec;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Launch;
import dev.lamina.device.Phase;
import dev.lamina.device.Replay;
import dev.lamina.device.Stream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A schedule made ready on its device: memory allocated once, ops bound, the whole sequence
 * recorded. Launching it allocates nothing and waits for nothing.
 *
 * <p>It owns its prepared ops, and its slabs unless they are shared; what it is bound to (a model's
 * parameters, a data set) stays its owner's and must outlive it.
 */
public final class ExecutionPlan implements AutoCloseable {
  /**
   * Time of one task, run alone.
   *
   * @param stage stage of the schedule
   * @param lane lane of the stage
   * @param start of {@link System#nanoTime}, when it was handed to the device
   * @param nanos from enqueueing it to its end
   */
  public record Timing(String stage, int lane, Task task, long start, long nanos) {}

  private final Device device;
  private final Schedule schedule;
  private final Optional<Slabs> owned;

  /** Those of every run. */
  private final List<Phase> phases = new ArrayList<>();

  /** Those that derive, then those of every run. */
  private final List<Phase> all;

  private final Memory memory;
  private final Replay replay;
  private final Optional<Replay> deriving;
  private final Upkeep upkeep;
  private Optional<Replay> repeated = Optional.empty();
  private int repeats;
  private final List<Replay> singles = new ArrayList<>();
  private boolean closed;

  private ExecutionPlan(
      Device device,
      Schedule schedule,
      Slabs slabs,
      boolean owner,
      Map<String, DeviceBuffer> bound,
      Upkeep upkeep) {
    this.device = device;
    this.upkeep = upkeep;
    this.schedule = schedule;
    this.owned = owner ? Optional.of(slabs) : Optional.empty();
    memory = new Memory(schedule.name(), slabs.buffers(), bound);
    List<Phase> first = new ArrayList<>();
    for (Schedule.Stage stage : schedule.stages()) {
      List<List<Launch>> lanes = new ArrayList<>();
      for (List<Task> tasks : stage.lanes()) {
        lanes.add(tasks.stream().map(memory::bind).toList());
      }
      (stage.derives() ? first : phases).add(new Phase(stage.name(), lanes));
    }
    all = new ArrayList<>(first);
    all.addAll(phases);
    try (ResourceStack made = new ResourceStack()) {
      deriving = first.isEmpty() ? Optional.empty() : Optional.of(made.push(device.record(first)));
      replay = device.record(phases);
      made.detach();
    }
  }

  /**
   * What a plan has to do with values that outlive it.
   *
   * @param freshness whom to tell of changes and to ask for them
   * @param changes whether a run may change the values
   * @param derived key of what the plan's stages that derive make
   */
  record Upkeep(Freshness freshness, boolean changes, String derived) {
    /** Returns that of a plan that neither changes nor derives such values. */
    static Upkeep none() {
      return new Upkeep(new Freshness(), false, "");
    }
  }

  /**
   * Binds and records a schedule in slabs of its own, and takes over its ownership, on failure too.
   *
   * @param bound memory for each {@link Place.Bound} key of the schedule
   * @throws dev.lamina.device.DeviceOutOfMemoryException if the slabs do not fit
   */
  public static ExecutionPlan build(
      Device device, Schedule schedule, Map<String, DeviceBuffer> bound) {
    try (ResourceStack made = new ResourceStack()) {
      made.push(schedule);
      Slabs slabs = made.push(Slabs.allocate(device, List.of(schedule)));
      ExecutionPlan plan = new ExecutionPlan(device, schedule, slabs, true, bound, Upkeep.none());
      made.detach();
      return plan;
    }
  }

  /**
   * Binds and records a schedule in slabs that plans share which never run at once; the slabs stay
   * the caller's. Takes over the schedule's ownership, on failure too.
   */
  static ExecutionPlan build(
      Device device,
      Schedule schedule,
      Slabs slabs,
      Map<String, DeviceBuffer> bound,
      Upkeep upkeep) {
    try (ResourceStack made = new ResourceStack()) {
      made.push(schedule);
      ExecutionPlan plan = new ExecutionPlan(device, schedule, slabs, false, bound, upkeep);
      made.detach();
      return plan;
    }
  }

  /** Turns planned tensors into buffers. */
  private record Memory(String plan, List<DeviceBuffer> slabs, Map<String, DeviceBuffer> bound) {
    Launch bind(Task task) {
      DeviceBuffer workspace =
          task.workspace()
              .map(place -> buffer(place, task.prepared().workspaceBytes()))
              .orElse(null);
      return task.prepared().bind(buffers(task.inputs()), buffers(task.outputs()), workspace);
    }

    private List<DeviceBuffer> buffers(List<PlannedTensor> tensors) {
      return tensors.stream()
          .map(tensor -> buffer(tensor.place(), tensor.layout().bytes()))
          .toList();
    }

    private DeviceBuffer buffer(Place place, long bytes) {
      if (place instanceof Place.Slab slab) {
        return slabs.get(slab.slab()).slice(slab.offset(), bytes);
      }
      String key = ((Place.Bound) place).key();
      DeviceBuffer buffer = bound.get(key);
      if (buffer == null) {
        throw new IllegalArgumentException(
            "plan " + plan + " needs memory for \"" + key + "\", but got " + bound.keySet());
      }
      return buffer.slice(place.offset(), bytes);
    }
  }

  /** Returns what is run. */
  public Schedule schedule() {
    return schedule;
  }

  /** Enqueues one run on the device's compute stream. */
  public void launch() {
    prepareRun();
    device.compute().launch(replay);
  }

  /** Makes anew what is out of date, and says what the run will make so. */
  private void prepareRun() {
    if (closed) {
      throw new IllegalStateException("plan " + schedule.name() + " is closed");
    }
    if (deriving.isPresent() && upkeep.freshness().stale(upkeep.derived())) {
      device.compute().launch(deriving.get());
      upkeep.freshness().refreshed(upkeep.derived());
    }
    if (upkeep.changes()) {
      upkeep.freshness().changed();
    }
  }

  /**
   * Records the sequence that many times over, run behind run, for {@link #launch(int)}. What
   * changes from run to run must lie on the device then, as the step tables do.
   *
   * @param runs at least 2
   */
  public void record(int runs) {
    if (runs < 2 || repeated.isPresent()) {
      throw new IllegalStateException(
          "plan %s cannot be recorded %d times over".formatted(schedule.name(), runs));
    }
    List<Phase> rounds = new ArrayList<>();
    for (int run = 0; run < runs; run++) {
      rounds.addAll(phases);
    }
    repeated = Optional.of(device.record(rounds));
    repeats = runs;
  }

  /** Enqueues that many runs: as one launch where so many are recorded, else one by one. */
  public void launch(int runs) {
    if (runs == repeats && repeated.isPresent()) {
      prepareRun();
      device.compute().launch(repeated.get());
      return;
    }
    for (int run = 0; run < runs; run++) {
      launch();
    }
  }

  /**
   * Runs the sequence once, task after task and lane after lane, each alone and waited for: not the
   * recorded whole, so what overlaps in a launch does not here, and the sum is longer than a
   * launch. What a device takes to be handed a task and to say that it has ended, on GPUs some
   * microseconds, is part of the task's time. Each task is an event {@code dev.lamina.Task} of JDK
   * Flight Recorder's, if it records.
   */
  public List<Timing> timedRun() {
    if (singles.isEmpty()) {
      for (Phase phase : all) {
        for (List<Launch> lane : phase.lanes()) {
          for (Launch launch : lane) {
            singles.add(device.record(List.of(new Phase(phase.name(), List.of(List.of(launch))))));
          }
        }
      }
    }
    if (upkeep.changes()) {
      upkeep.freshness().changed();
    }
    Stream stream = device.compute();
    List<Timing> timings = new ArrayList<>();
    stream.sync();
    for (Schedule.Stage stage : schedule.stages()) {
      for (int lane = 0; lane < stage.lanes().size(); lane++) {
        for (Task task : stage.lanes().get(lane)) {
          TaskEvent event = new TaskEvent();
          event.begin();
          long start = System.nanoTime();
          stream.launch(singles.get(timings.size()));
          stream.sync();
          long nanos = System.nanoTime() - start;
          event.end(device.info().name(), schedule.name(), task);
          timings.add(new Timing(stage.name(), lane, task, start, nanos));
        }
      }
    }
    return timings;
  }

  /** Returns the least time of each task over several runs of one plan, at least one. */
  public static List<Timing> least(List<List<Timing>> runs) {
    List<Timing> least = new ArrayList<>(runs.get(0));
    for (List<Timing> timings : runs) {
      for (int i = 0; i < least.size(); i++) {
        if (timings.get(i).nanos() < least.get(i).nanos()) {
          least.set(i, timings.get(i));
        }
      }
    }
    return least;
  }

  /** Lends the memory of a tensor that lies in one of the plan's slabs. */
  public DeviceBuffer buffer(PlannedTensor tensor) {
    return memory.buffer(tensor.place(), tensor.layout().bytes());
  }

  /** Returns a table of tasks, layouts, bytes, floating-point operations and memory. */
  public String explain() {
    return Explanation.of(schedule, Optional.empty());
  }

  /** Returns the table of {@link #explain()} with the times of a profile. */
  public String explain(List<Timing> timings) {
    return Explanation.of(schedule, Optional.of(timings));
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (ResourceStack parts = new ResourceStack()) {
      owned.ifPresent(parts::push);
      parts.push(schedule);
      singles.forEach(parts::push);
      parts.push(replay);
      deriving.ifPresent(parts::push);
      repeated.ifPresent(parts::push);
      parts.push(device.compute()::sync);
    }
  }
}
