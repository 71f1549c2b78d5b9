package dev.lamina.exec;

import dev.lamina.device.Device;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.exec.LaneMemory.Draft;
import dev.lamina.graph.Node;
import dev.lamina.graph.Parameter;
import dev.lamina.graph.StepGraph;
import dev.lamina.graph.Value;
import dev.lamina.op.Reorder;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lays out one schedule: the tasks of each lane with the reorders between them, then the stages
 * that all lanes share.
 *
 * <p>Each lane has private activations and private gradients. What was prepared is released by
 * {@link #close()} unless a schedule took it over.
 */
final class StepAssembly implements AutoCloseable {
  private static final String STEP = "step";
  private static final String FOLD = "fold";

  private final Device device;
  private final ParameterLayout parameters;
  private final ParameterLayout statistics;
  private final Optional<ParameterLayout> folded;
  private final TensorSpec tables;
  private final int lanes;
  private final List<LaneMemory> memories = new ArrayList<>();
  private final List<String> stages = new ArrayList<>(List.of(STEP));
  private final List<Draft> cells = new ArrayList<>();
  private final List<Draft> gradients = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();
  private int next;
  private boolean finished;

  /**
   * Begins a schedule.
   *
   * @param folded how folded values lie, for a step that reads them
   * @param tables what the step's tables look like
   * @param lanes lanes that share the batch; the update may have more
   */
  StepAssembly(
      Device device,
      ParameterLayout parameters,
      ParameterLayout statistics,
      Optional<ParameterLayout> folded,
      TensorSpec tables,
      int lanes) {
    this.device = device;
    this.parameters = parameters;
    this.statistics = statistics;
    this.folded = folded;
    this.tables = tables;
    this.lanes = lanes;
    for (int lane = 0; lane < Math.max(lanes, device.maxLanes()); lane++) {
      memories.add(new LaneMemory(device));
    }
  }

  /** Returns the stages that follow the lanes, all of which were added before. */
  UpdateStages updates() {
    return new UpdateStages(device, memories, stages, parameters, tables, gradients, cells);
  }

  /** Plans memory and returns the schedule, which owns what was prepared. */
  Schedule finish(String name) {
    List<Long> slabs = new ArrayList<>();
    memories.forEach(memory -> slabs.addAll(memory.plan(slabs.size())));
    List<Schedule.Stage> built = new ArrayList<>();
    for (String stage : stages) {
      List<List<Task>> tasks = new ArrayList<>();
      memories.forEach(memory -> tasks.add(memory.tasks(stage)));
      while (tasks.size() > 1 && tasks.get(tasks.size() - 1).isEmpty()) {
        tasks.remove(tasks.size() - 1);
      }
      built.add(new Schedule.Stage(stage, tasks, stage.equals(FOLD)));
    }
    Schedule schedule = new Schedule(name, built, slabs, remarks);
    finished = true;
    return schedule;
  }

  /** Adds what people are told about the schedule. */
  void remark(String remark) {
    remarks.add(remark);
  }

  /**
   * Adds the stage that makes folded values, all lanes sharing the work. Its ops take and give
   * canonical forms; reorders bring weights there and back.
   */
  void addFolds(List<Node> folds) {
    stages.add(0, FOLD);
    List<List<Node>> shares = new ArrayList<>();
    long[] elements = new long[memories.size()];
    memories.forEach(memory -> shares.add(new ArrayList<>()));
    for (Node fold : folds) {
      int least = 0;
      for (int lane = 1; lane < elements.length; lane++) {
        least = elements[lane] < elements[least] ? lane : least;
      }
      shares.get(least).add(fold);
      elements[least] += fold.output().spec().elements();
    }
    for (int lane = 0; lane < shares.size(); lane++) {
      LaneMemory memory = memories.get(lane);
      Map<Value, Draft> results = new HashMap<>();
      addBound(results, folded.orElseThrow(), Keys.FOLDED);
      List<OpCall> calls =
          shares.get(lane).stream().map(node -> call(node, memories.size())).toList();
      List<Way> ways = calls.stream().map(call -> device.ways(call).get(0)).toList();
      add(FOLD, memory, shares.get(lane), calls, ways, given(), results);
    }
  }

  /**
   * Adds forward and backward pass of the next lane.
   *
   * @param firstRow row of the batch at which the lane's begin
   */
  void addLane(StepGraph step, LayoutSelection.Result chosen, int firstRow) {
    LaneMemory memory = memories.get(next++);
    Map<Value, Draft> homes = given();
    for (Value input : step.graph().inputs()) {
      Layout layout = device.canonical(input.spec());
      homes.put(input, LaneMemory.bound(input.name(), input.spec(), layout, input.name(), 0));
    }
    Map<Value, Draft> results = results(memory, step, firstRow);
    List<Node> nodes = step.graph().nodes();
    List<OpCall> calls = nodes.stream().map(node -> call(node, lanes)).toList();
    add(STEP, memory, nodes, calls, chosen.ways(), homes, results);
  }

  /** Homes of what the model owns. */
  private Map<Value, Draft> given() {
    Map<Value, Draft> homes = new HashMap<>();
    addBound(homes, parameters, Keys.PARAMETERS);
    addBound(homes, statistics, Keys.STATISTICS);
    folded.ifPresent(layout -> addBound(homes, layout, Keys.FOLDED));
    return homes;
  }

  /**
   * Adds tasks with the reorders between them.
   *
   * @param homes where what is read lies; what is made is added
   * @param results places in which some of what is made must end
   */
  private void add(
      String stage,
      LaneMemory memory,
      List<Node> nodes,
      List<OpCall> calls,
      List<Way> ways,
      Map<Value, Draft> homes,
      Map<Value, Draft> results) {
    Map<Value, Map<Layout, Draft>> copies = new HashMap<>();
    for (int n = 0; n < nodes.size(); n++) {
      Node node = nodes.get(n);
      OpCall call = calls.get(n);
      Way way = ways.get(n);
      List<Draft> inputs = new ArrayList<>();
      for (int i = 0; i < node.inputs().size(); i++) {
        Value value = node.inputs().get(i);
        Draft home = homes.get(value);
        Layout wanted = way.inputs().get(i);
        if (wanted.equals(home.layout())) {
          inputs.add(home);
        } else {
          inputs.add(
              copies
                  .computeIfAbsent(value, key -> new HashMap<>())
                  .computeIfAbsent(
                      wanted, layout -> reordered(stage, memory, call, value, home, layout)));
        }
      }
      List<Draft> outputs = new ArrayList<>();
      for (int i = 0; i < node.outputs().size(); i++) {
        Value value = node.outputs().get(i);
        Layout made = way.outputs().get(i);
        Draft result = results.get(value);
        boolean direct = result != null && result.layout().equals(made);
        Draft home = direct ? result : memory.allocate(value.name(), value.spec(), made);
        homes.put(value, home);
        outputs.add(home);
      }
      memory.add(stage, node.name(), call, way, inputs, outputs);
      for (int i = 0; i < node.outputs().size(); i++) {
        Draft result = results.get(node.outputs().get(i));
        if (result != null && result != outputs.get(i)) {
          reorder(stage, memory, call, node.outputs().get(i), outputs.get(i), result);
        }
      }
    }
  }

  private static OpCall call(Node node, int lanes) {
    return new OpCall(
        node.op(),
        node.inputs().stream().map(Value::spec).toList(),
        node.outputs().stream().map(Value::spec).toList(),
        lanes);
  }

  /** Results that must end in a certain place and layout. */
  private Map<Value, Draft> results(LaneMemory memory, StepGraph step, int firstRow) {
    Map<Value, Draft> results = new HashMap<>();
    if (!step.gradients().isEmpty()) {
      TensorSpec flat = TensorSpec.f32(parameters.learningBytes() / Float.BYTES);
      String key = Keys.gradients(gradients.size());
      Draft all = LaneMemory.bound("gradients", flat, device.canonical(flat), key, 0);
      gradients.add(all);
      for (ParameterLayout.Entry entry : parameters.entries()) {
        Parameter parameter = entry.parameter();
        Value gradient = step.gradients().get(parameter.value());
        if (gradient == null) {
          continue; // frozen
        }
        String name = "gradient of " + parameter.name();
        results.put(gradient, all.part(name, gradient.spec(), entry.layout(), entry.offset()));
      }
    }
    step.cell()
        .ifPresent(
            value -> {
              TensorSpec spec = TensorSpec.f32(SoftmaxCrossEntropy.CELL);
              Draft cell = memory.keep("cell", spec, device.canonical(spec));
              cells.add(cell);
              results.put(value, cell);
            });
    step.probabilities()
        .ifPresent(
            value -> {
              long offset = firstRow * value.spec().dim(1) * Float.BYTES;
              Layout layout = device.canonical(value.spec());
              results.put(
                  value,
                  LaneMemory.bound(value.name(), value.spec(), layout, Keys.PROBABILITIES, offset));
            });
    return results;
  }

  private static void addBound(Map<Value, Draft> homes, ParameterLayout flat, String key) {
    for (ParameterLayout.Entry entry : flat.entries()) {
      Value value = entry.parameter().value();
      homes.put(
          value, LaneMemory.bound(value.name(), value.spec(), entry.layout(), key, entry.offset()));
    }
  }

  private static Draft reordered(
      String stage, LaneMemory memory, OpCall reader, Value value, Draft from, Layout to) {
    Draft copy = memory.allocate(value.name() + " as " + to, value.spec(), to);
    reorder(stage, memory, reader, value, from, copy);
    return copy;
  }

  /** Adds a reorder by as many lanes as the call has that needs it. */
  private static void reorder(
      String stage, LaneMemory memory, OpCall need, Value value, Draft from, Draft to) {
    OpCall call = OpCall.of(new Reorder(), need.lanes(), value.spec());
    Way way = Stopwatch.reorderWay(from.layout(), to.layout());
    memory.add(stage, "reorder " + value.name(), call, way, List.of(from), List.of(to));
  }

  @Override
  public void close() {
    if (!finished) {
      memories.forEach(LaneMemory::abandon);
    }
  }
}
