package dev.lamina.exec;

import dev.lamina.device.Device;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Way;
import dev.lamina.exec.LaneMemory.Draft;
import dev.lamina.op.Reorder;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Puts a schedule together task by task, for tasks that are not a model's step: one stage, one
 * lane, tensors in canonical layout that live as long as the plan. Unless {@link #build()} is
 * reached, {@link #close()} releases what was prepared.
 */
public final class ScheduleBuilder implements AutoCloseable {
  private static final String STAGE = "tasks";

  private final Device device;
  private final String name;
  private final LaneMemory memory;
  private final Map<String, Draft> tensors = new LinkedHashMap<>();
  private final Set<String> tasks = new HashSet<>();
  private boolean built;

  /** Starts a schedule of that name. */
  public ScheduleBuilder(Device device, String name) {
    this.device = device;
    this.name = name;
    this.memory = new LaneMemory(device);
  }

  /** Declares a tensor; its name is unique. */
  public void tensor(String tensor, TensorSpec spec) {
    Draft draft = memory.keep(tensor, spec, device.canonical(spec));
    if (tensors.putIfAbsent(tensor, draft) != null) {
      throw new IllegalArgumentException(
          "schedule " + name + ": the name \"" + tensor + "\" is used twice");
    }
  }

  /** Adds a call of the device's, with reorders where it offers no canonical layouts. */
  public void add(String task, OpCall call, List<String> inputs, List<String> outputs) {
    List<Way> ways = device.ways(call);
    Way way = ways.stream().filter(ScheduleBuilder::canonical).findFirst().orElse(ways.get(0));
    List<Draft> read = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Draft home = tensor(inputs.get(i));
      Layout wanted = way.inputs().get(i);
      read.add(home.layout().equals(wanted) ? home : reordered(home, wanted));
    }
    List<Draft> made = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      Draft home = tensor(outputs.get(i));
      Layout given = way.outputs().get(i);
      made.add(
          home.layout().equals(given)
              ? home
              : memory.allocate(home.name() + " as " + given, home.spec(), given));
    }
    claim(task);
    memory.add(STAGE, task, call, way, read, made);
    for (int i = 0; i < outputs.size(); i++) {
      Draft home = tensor(outputs.get(i));
      if (made.get(i) != home) {
        reorder(made.get(i), home);
      }
    }
    for (int i : call.op().mutates()) {
      Draft home = tensor(inputs.get(i));
      if (read.get(i) != home) {
        reorder(read.get(i), home);
      }
    }
  }

  /**
   * Adds a call that the caller prepared itself, on canonical layouts; it is owned from here on.
   */
  public void add(
      String task, OpCall call, PreparedOp prepared, List<String> inputs, List<String> outputs) {
    try (ResourceStack made = new ResourceStack()) {
      made.push(prepared);
      claim(task);
      made.detach();
    }
    Way way =
        new Way(
            "own",
            call.inputs().stream().map(device::canonical).toList(),
            call.outputs().stream().map(device::canonical).toList());
    memory.add(
        STAGE,
        task,
        call,
        way,
        prepared,
        inputs.stream().map(this::tensor).toList(),
        outputs.stream().map(this::tensor).toList());
  }

  /** Plans the memory and ends the schedule, which the caller owns. */
  public Schedule build() {
    List<Long> slabs = memory.plan(0);
    built = true;
    return new Schedule(
        name, List.of(new Schedule.Stage(STAGE, List.of(memory.tasks(STAGE)))), slabs);
  }

  /** Returns where a declared tensor lies, after {@link #build()}. */
  public PlannedTensor planned(String tensor) {
    return tensor(tensor).planned();
  }

  private static boolean canonical(Way way) {
    return way.inputs().stream().allMatch(Layout::canonical)
        && way.outputs().stream().allMatch(Layout::canonical);
  }

  private Draft tensor(String tensor) {
    Draft draft = tensors.get(tensor);
    if (draft == null) {
      throw new IllegalArgumentException("schedule " + name + " has no tensor \"" + tensor + "\"");
    }
    return draft;
  }

  private void claim(String task) {
    if (!tasks.add(task)) {
      throw new IllegalArgumentException(
          "schedule " + name + ": the name \"" + task + "\" is used twice");
    }
  }

  private Draft reordered(Draft from, Layout to) {
    Draft copy = memory.allocate(from.name() + " as " + to, from.spec(), to);
    reorder(from, copy);
    return copy;
  }

  private void reorder(Draft from, Draft to) {
    OpCall call = OpCall.of(new Reorder(), 1, from.spec());
    Way way = Stopwatch.reorderWay(from.layout(), to.layout());
    memory.add(STAGE, "reorder " + from.name(), call, way, List.of(from), List.of(to));
  }

  @Override
  public void close() {
    if (!built) {
      memory.abandon();
    }
  }
}
