package dev.lamina.exec;

import dev.lamina.device.Device;
import dev.lamina.device.Layout;
import dev.lamina.device.Layouts;
import dev.lamina.device.OpCall;
import dev.lamina.exec.LaneMemory.Draft;
import dev.lamina.graph.Graph;
import dev.lamina.graph.Node;
import dev.lamina.graph.Parameter;
import dev.lamina.graph.StepGraph;
import dev.lamina.graph.StepGraph.Feed;
import dev.lamina.graph.StepGraph.Purpose;
import dev.lamina.graph.Value;
import dev.lamina.op.Add;
import dev.lamina.op.Reorder;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Turns a model and what a step is for into a {@link Schedule} for one device: lanes are decided,
 * layouts chosen, reorders inserted, memory planned, ops prepared.
 *
 * <p>With several lanes each has its rows of the batch, private activations and private gradients;
 * the update sums the gradients, slice by slice.
 */
public final class Lowering {
  private static final String STEP = "step";

  /** Rows of four-byte values that fill whole cache lines. */
  private static final int BLOCK = 16;

  private final Device device;
  private final Graph model;
  private final Choices choices;
  private final Stopwatch stopwatch;
  private final ParameterLayout statistics;
  private ParameterLayout parameters;

  /** Scope of the choices and lanes of the plan that settled the parameters. */
  private Optional<String> mainScope = Optional.empty();

  private int mainLanes;

  /** Prepares to lower one model for one device; decisions are taken from and put into choices. */
  public Lowering(Device device, Graph model, Choices choices) {
    this.device = device;
    this.model = model;
    this.choices = choices;
    this.stopwatch = new Stopwatch(device);
    Map<Value, Layout> layouts = new HashMap<>();
    for (Parameter statistic : model.statistics()) {
      layouts.put(statistic.value(), device.canonical(statistic.value().spec()));
    }
    this.statistics = new ParameterLayout(model.statistics(), layouts, device.alignment());
  }

  /**
   * Returns how the parameters lie, settled by the first plan that was lowered.
   *
   * @throws IllegalStateException before that
   */
  public ParameterLayout parameters() {
    if (parameters == null) {
      throw new IllegalStateException("parameters of " + model.name() + " are not laid out yet");
    }
    return parameters;
  }

  /** Returns how the statistics lie, in canonical form. */
  ParameterLayout statistics() {
    return statistics;
  }

  /** Lowers the plan that settles how parameters lie, without preparing it. */
  public void settle(Purpose purpose, Feed feed, int batch) {
    int lanes = lanes(purpose, feed, batch);
    select(purpose, feed, batch, lanes, rows(purpose, batch, lanes, 0));
  }

  /**
   * Lowers evaluation or prediction.
   *
   * @param batch rows of the batch
   */
  public Schedule inference(Purpose purpose, Feed feed, int batch) {
    int lanes = lanes(purpose, feed, batch);
    Assembly assembly = new Assembly(purpose, feed, batch, lanes);
    return assembly.finish(
        () -> {
          assembly.addSteps();
          if (purpose == Purpose.EVALUATION) {
            assembly.updates().addEnd();
          }
        });
  }

  /** Lowers a training step: gradients, then the update as the rule says. */
  public Schedule training(Feed feed, int batch, UpdateRule rule) {
    int lanes = lanes(Purpose.TRAINING, feed, batch);
    Assembly assembly = new Assembly(Purpose.TRAINING, feed, batch, lanes);
    return assembly.finish(
        () -> {
          assembly.addSteps();
          assembly.updates().addUpdate(rule);
          assembly.updates().addEnd();
        });
  }

  /**
   * Rows of one lane. Lanes that write their rows of one result take them by whole blocks, so that
   * each lane's part starts on a cache line whatever a row's length.
   */
  private static int rows(Purpose purpose, int batch, int lanes, int lane) {
    int block = purpose == Purpose.PREDICTION ? BLOCK : 1;
    int blocks = (batch + block - 1) / block;
    int from = share(blocks, lanes, lane) * block;
    int to = share(blocks, lanes, lane + 1) * block;
    return Math.min(to, batch) - from;
  }

  /** Blocks of the lanes before one: earlier lanes take what cannot be shared evenly. */
  private static int share(int blocks, int lanes, int lane) {
    return blocks / lanes * lane + Math.min(lane, blocks % lanes);
  }

  private static String scope(Purpose purpose, int batch) {
    return purpose.name().toLowerCase(Locale.ROOT) + " " + batch;
  }

  /** Decides how many lanes share a batch, by the measured time of the longest lane. */
  private int lanes(Purpose purpose, Feed feed, int batch) {
    String key = scope(purpose, batch) + "/lanes";
    int block = purpose == Purpose.PREDICTION ? BLOCK : 1;
    boolean whole = purpose == Purpose.TRAINING && joinsRows();
    int most = whole ? 1 : Math.min(device.maxLanes(), (batch + block - 1) / block);
    Optional<String> recorded = choices.get(key);
    if (recorded.isPresent()) {
      int lanes = lanes(recorded.get());
      if (lanes >= 1 && lanes <= most) {
        return lanes;
      }
      if (choices.binding()) {
        throw new UnsupportedOpException(
            ("%s: the recorded choice of %s lanes is not offered by %s here (at most %d); run with"
                    + " as many threads as then, or without recorded choices to choose anew")
                .formatted(key, recorded.get(), device.info().name(), most));
      }
    }
    return most == 1 ? 1 : Integer.parseInt(decide(key, purpose, feed, batch, most));
  }

  /** The number of lanes that a record says, 0 if it is none. */
  private static int lanes(String recorded) {
    try {
      return Integer.parseInt(recorded);
    } catch (NumberFormatException damaged) {
      return 0;
    }
  }

  private boolean joinsRows() {
    return model.nodes().stream().anyMatch(node -> node.op().joinsRows());
  }

  private String decide(String key, Purpose purpose, Feed feed, int batch, int most) {
    int lanes;
    if (mainScope.isPresent()) {
      lanes = Math.min(mainLanes, most);
    } else {
      long one = nanos(purpose, feed, batch, 1);
      long many = nanos(purpose, feed, batch, most);
      lanes = many < one ? most : 1;
    }
    return choices.decide(key, Integer.toString(lanes));
  }

  private long nanos(Purpose purpose, Feed feed, int batch, int lanes) {
    int rows = rows(purpose, batch, lanes, 0);
    StepGraph step = StepGraph.of(model, feed, purpose, 0, rows, batch);
    LayoutSelection selection = selection(purpose, batch, lanes, step);
    long nanos = selection.nanos(selection.select());
    if (purpose == Purpose.TRAINING && lanes > 1) {
      // The gradients of the further lanes are read once more by the update.
      TensorSpec slice = flat(model.parameterCount() / lanes + 1);
      OpCall sum = OpCall.of(new Add(), lanes, slice, slice);
      nanos += (lanes - 1) * stopwatch.nanos(sum, device.layouts(sum).get(0));
    }
    return nanos;
  }

  private static TensorSpec flat(long elements) {
    return TensorSpec.f32(elements);
  }

  private LayoutSelection selection(Purpose purpose, int batch, int lanes, StepGraph step) {
    Map<Value, Layout> fixed = new HashMap<>();
    step.graph().inputs().forEach(value -> fixed.put(value, device.canonical(value.spec())));
    step.cell().ifPresent(value -> fixed.put(value, device.canonical(value.spec())));
    step.probabilities().ifPresent(value -> fixed.put(value, device.canonical(value.spec())));
    fixed.putAll(statistics.layouts());
    if (parameters != null) {
      fixed.putAll(parameters.layouts());
    }
    Map<Value, Value> gradientOf = new LinkedHashMap<>();
    step.gradients().forEach((parameter, gradient) -> gradientOf.put(gradient, parameter));
    return new LayoutSelection(
        device,
        stopwatch,
        choices,
        scope(purpose, batch, lanes, step),
        mainScope,
        step.graph().nodes(),
        lanes,
        fixed,
        gradientOf);
  }

  private static String scope(Purpose purpose, int batch, int lanes, StepGraph step) {
    return scope(purpose, batch) + "/lanes " + lanes + "/rows " + step.rows();
  }

  private LayoutSelection.Result select(
      Purpose purpose, Feed feed, int batch, int lanes, int rows) {
    StepGraph step = StepGraph.of(model, feed, purpose, 0, rows, batch);
    LayoutSelection.Result result = selection(purpose, batch, lanes, step).select();
    if (parameters == null) {
      parameters = new ParameterLayout(model.parameters(), result.homes(), device.alignment());
      mainScope = Optional.of(scope(purpose, batch, lanes, step));
      mainLanes = lanes;
    }
    return result;
  }

  /** Builds one schedule. */
  private final class Assembly {
    private final Purpose purpose;
    private final Feed feed;
    private final int batch;
    private final int lanes;
    private final List<LaneMemory> memories = new ArrayList<>();
    private final List<String> stages = new ArrayList<>();
    private final List<Draft> cells = new ArrayList<>();
    private final List<Draft> gradients = new ArrayList<>();
    private UpdateStages updates;

    Assembly(Purpose purpose, Feed feed, int batch, int lanes) {
      this.purpose = purpose;
      this.feed = feed;
      this.batch = batch;
      this.lanes = lanes;
      for (int lane = 0; lane < Math.max(lanes, device.maxLanes()); lane++) {
        memories.add(new LaneMemory(device));
      }
    }

    UpdateStages updates() {
      if (updates == null) {
        updates =
            new UpdateStages(device, memories, stages, parameters, feed.tables(), gradients, cells);
      }
      return updates;
    }

    Schedule finish(Runnable content) {
      try {
        content.run();
        List<Long> slabs = new ArrayList<>();
        memories.forEach(memory -> slabs.addAll(memory.plan(slabs.size())));
        List<Schedule.Stage> built = new ArrayList<>();
        for (String stage : stages) {
          List<List<Task>> tasks = new ArrayList<>();
          memories.forEach(memory -> tasks.add(memory.tasks(stage)));
          while (tasks.size() > 1 && tasks.get(tasks.size() - 1).isEmpty()) {
            tasks.remove(tasks.size() - 1);
          }
          built.add(new Schedule.Stage(stage, tasks));
        }
        return new Schedule(model.name() + " " + scope(purpose, batch), built, slabs);
      } catch (RuntimeException | Error failure) {
        memories.forEach(LaneMemory::abandon);
        throw failure;
      }
    }

    /** Adds forward and backward pass of every lane. */
    void addSteps() {
      stages.add(STEP);
      Map<Integer, LayoutSelection.Result> byRows = new HashMap<>();
      TreeSet<Integer> sizes = new TreeSet<>(Comparator.reverseOrder());
      for (int lane = 0; lane < lanes; lane++) {
        sizes.add(rows(purpose, batch, lanes, lane));
      }
      sizes.forEach(rows -> byRows.put(rows, select(purpose, feed, batch, lanes, rows)));
      int firstRow = 0;
      for (int lane = 0; lane < lanes; lane++) {
        int rows = rows(purpose, batch, lanes, lane);
        StepGraph step = StepGraph.of(model, feed, purpose, firstRow, rows, batch);
        addLane(memories.get(lane), step, byRows.get(rows), firstRow);
        firstRow += rows;
      }
    }

    private void addLane(
        LaneMemory memory, StepGraph step, LayoutSelection.Result chosen, int firstRow) {
      Map<Value, Draft> homes = new HashMap<>();
      for (Value input : step.graph().inputs()) {
        Layout layout = device.canonical(input.spec());
        homes.put(input, LaneMemory.bound(input.name(), input.spec(), layout, input.name(), 0));
      }
      addBound(homes, parameters, Keys.PARAMETERS);
      addBound(homes, statistics, Keys.STATISTICS);
      Map<Value, Draft> results = results(memory, step, firstRow);
      Map<Value, Map<Layout, Draft>> copies = new HashMap<>();
      List<Node> nodes = step.graph().nodes();
      for (int n = 0; n < nodes.size(); n++) {
        Node node = nodes.get(n);
        Layouts way = chosen.ways().get(n);
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
                    .computeIfAbsent(wanted, layout -> reordered(memory, value, home, layout)));
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
        memory.add(STEP, node.name(), call(node), way, inputs, outputs);
        for (int i = 0; i < node.outputs().size(); i++) {
          Draft result = results.get(node.outputs().get(i));
          if (result != null && result != outputs.get(i)) {
            reorder(memory, node.outputs().get(i), outputs.get(i), result);
          }
        }
      }
    }

    private OpCall call(Node node) {
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
        TensorSpec flat = flat(parameters.learningBytes() / Float.BYTES);
        String key = Keys.gradients(gradients.size());
        Draft all = LaneMemory.bound("gradients", flat, device.canonical(flat), key, 0);
        gradients.add(all);
        for (Parameter parameter : model.parameters()) {
          ParameterLayout.Entry entry = parameters.entry(parameter.name());
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
                    LaneMemory.bound(
                        value.name(), value.spec(), layout, Keys.PROBABILITIES, offset));
              });
      return results;
    }

    private static void addBound(Map<Value, Draft> homes, ParameterLayout flat, String key) {
      for (ParameterLayout.Entry entry : flat.entries()) {
        Value value = entry.parameter().value();
        homes.put(
            value,
            LaneMemory.bound(value.name(), value.spec(), entry.layout(), key, entry.offset()));
      }
    }

    private Draft reordered(LaneMemory memory, Value value, Draft from, Layout to) {
      Draft copy = memory.allocate(value.name() + " as " + to, value.spec(), to);
      reorder(memory, value, from, copy);
      return copy;
    }

    private void reorder(LaneMemory memory, Value value, Draft from, Draft to) {
      OpCall call = OpCall.of(new Reorder(), lanes, value.spec());
      Layouts way = Stopwatch.reorderWay(from.layout(), to.layout());
      memory.add(STEP, "reorder " + value.name(), call, way, List.of(from), List.of(to));
    }
  }
}
