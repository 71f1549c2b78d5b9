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
   * @param nanos least time of several runs
   */
  public record Timing(String stage, int lane, Task task, long nanos) {}

  private final Device device;
  private final Schedule schedule;
  private final Optional<Slabs> owned;
  private final List<Phase> phases = new ArrayList<>();
  private final Replay replay;
  private boolean closed;

  private ExecutionPlan(
      Device device,
      Schedule schedule,
      Slabs slabs,
      boolean owner,
      Map<String, DeviceBuffer> bound) {
    this.device = device;
    this.schedule = schedule;
    this.owned = owner ? Optional.of(slabs) : Optional.empty();
    Memory memory = new Memory(schedule.name(), slabs.buffers(), bound);
    for (Schedule.Stage stage : schedule.stages()) {
      List<List<Launch>> lanes = new ArrayList<>();
      for (List<Task> tasks : stage.lanes()) {
        lanes.add(tasks.stream().map(memory::bind).toList());
      }
      phases.add(new Phase(stage.name(), lanes));
    }
    replay = device.record(phases);
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
      ExecutionPlan plan = new ExecutionPlan(device, schedule, slabs, true, bound);
      made.detach();
      return plan;
    }
  }

  /**
   * Binds and records a schedule in slabs that plans share which never run at once; the slabs stay
   * the caller's. Takes over the schedule's ownership, on failure too.
   */
  public static ExecutionPlan build(
      Device device, Schedule schedule, Slabs slabs, Map<String, DeviceBuffer> bound) {
    try (ResourceStack made = new ResourceStack()) {
      made.push(schedule);
      ExecutionPlan plan = new ExecutionPlan(device, schedule, slabs, false, bound);
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
    if (closed) {
      throw new IllegalStateException("plan " + schedule.name() + " is closed");
    }
    device.compute().launch(replay);
  }

  /**
   * Times every task by itself, lane after lane, not as the recorded whole: what is overlapped in a
   * launch is not here, and the sum is larger than a launch.
   *
   * @param runs runs of the sequence, of which each task's least time counts
   */
  public List<Timing> profile(int runs) {
    Stream stream = device.compute();
    List<Replay> singles = new ArrayList<>();
    try {
      List<Timing> timings = new ArrayList<>();
      for (int s = 0; s < phases.size(); s++) {
        for (int lane = 0; lane < phases.get(s).lanes().size(); lane++) {
          List<Launch> launches = phases.get(s).lanes().get(lane);
          for (int t = 0; t < launches.size(); t++) {
            String stage = phases.get(s).name();
            singles.add(
                device.record(List.of(new Phase(stage, List.of(List.of(launches.get(t)))))));
            Task task = schedule.stages().get(s).lanes().get(lane).get(t);
            timings.add(new Timing(stage, lane, task, Long.MAX_VALUE));
          }
        }
      }
      for (int run = 0; run < runs; run++) {
        for (int i = 0; i < singles.size(); i++) {
          stream.sync();
          long start = System.nanoTime();
          stream.launch(singles.get(i));
          stream.sync();
          long nanos = System.nanoTime() - start;
          Timing before = timings.get(i);
          if (nanos < before.nanos()) {
            timings.set(i, new Timing(before.stage(), before.lane(), before.task(), nanos));
          }
        }
      }
      return timings;
    } finally {
      singles.forEach(Replay::close);
    }
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
    device.compute().sync();
    replay.close();
    schedule.close();
    owned.ifPresent(Slabs::close);
  }
}
