package dev.lamina.exec;

import dev.lamina.device.Device;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.graph.Folding;
import dev.lamina.graph.Graph;
import dev.lamina.graph.Node;
import dev.lamina.graph.Parameter;
import dev.lamina.graph.StepGraph;
import dev.lamina.graph.StepGraph.Feed;
import dev.lamina.graph.StepGraph.Purpose;
import dev.lamina.graph.Value;
import dev.lamina.op.Add;
import dev.lamina.op.BatchNorm2d;
import dev.lamina.op.Conv2dAdd;
import dev.lamina.op.FoldBatchNorm2d;
import dev.lamina.op.Op;
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
 * <p>With several lanes each has its rows of the batch; the update sums their gradients, slice by
 * slice.
 */
final class Lowering {
  /** Rows of four-byte values that fill whole cache lines. */
  private static final int BLOCK = 16;

  private final Device device;
  private final Graph model;
  private final Choices choices;
  private final Stopwatch stopwatch;
  private final ParameterLayout statistics;
  private final Folding folding;
  private ParameterLayout parameters;

  /** How folded values lie, settled by the first plan for evaluation or prediction. */
  private Optional<ParameterLayout> folded = Optional.empty();

  /** Scope of the choices and lanes of the plan that settled the parameters. */
  private Optional<String> mainScope = Optional.empty();

  private int mainLanes;

  /** How that plan runs each node, by name. */
  private Map<String, Way> mainWays = Map.of();

  /** Prepares to lower one model for one device; decisions are taken from and put into choices. */
  Lowering(Device device, Graph model, Choices choices) {
    this.device = device;
    this.model = model;
    this.choices = choices;
    this.stopwatch = new Stopwatch(device);
    this.folding = Folding.of(model, device::fuses);
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
  ParameterLayout parameters() {
    if (parameters == null) {
      throw new IllegalStateException("parameters of " + model.name() + " are not laid out yet");
    }
    return parameters;
  }

  /** Returns how folded values lie; empty if no plan for evaluation or prediction reads any. */
  Optional<ParameterLayout> folded() {
    return folded;
  }

  /** Returns how the statistics lie, in canonical form. */
  ParameterLayout statistics() {
    return statistics;
  }

  /** Lowers the plan that settles how parameters lie, without preparing it. */
  void settle(Purpose purpose, Feed feed, int batch) {
    int lanes = lanes(purpose, feed, batch);
    select(purpose, feed, batch, lanes, rows(purpose, batch, lanes, 0));
  }

  /**
   * Lowers evaluation or prediction.
   *
   * @param batch rows of the batch
   */
  Schedule inference(Purpose purpose, Feed feed, int batch) {
    try (StepAssembly assembly = steps(purpose, feed, batch)) {
      if (purpose == Purpose.EVALUATION) {
        assembly.updates().addEnd();
      }
      return assembly.finish(name(purpose, batch));
    }
  }

  /** Lowers a training step: gradients, then the update as the rule says. */
  Schedule training(Feed feed, int batch, UpdateRule rule) {
    try (StepAssembly assembly = steps(Purpose.TRAINING, feed, batch)) {
      UpdateStages updates = assembly.updates();
      updates.addUpdate(rule);
      updates.addEnd();
      return assembly.finish(name(Purpose.TRAINING, batch));
    }
  }

  private String name(Purpose purpose, int batch) {
    return model.name() + " " + scope(purpose, batch);
  }

  /** Lays out forward and backward pass of every lane. */
  private StepAssembly steps(Purpose purpose, Feed feed, int batch) {
    int lanes = lanes(purpose, feed, batch);
    Map<Integer, LayoutSelection.Result> byRows = new HashMap<>();
    TreeSet<Integer> sizes = new TreeSet<>(Comparator.reverseOrder());
    for (int lane = 0; lane < lanes; lane++) {
      sizes.add(rows(purpose, batch, lanes, lane));
    }
    sizes.forEach(rows -> byRows.put(rows, select(purpose, feed, batch, lanes, rows)));
    boolean folds = purpose != Purpose.TRAINING && !folding.nodes().isEmpty();
    StepAssembly assembly =
        new StepAssembly(
            device,
            parameters,
            statistics,
            folds ? folded : Optional.empty(),
            feed.tables(),
            lanes);
    try {
      if (folds) {
        assembly.addFolds(folding.nodes());
      }
      int firstRow = 0;
      for (int lane = 0; lane < lanes; lane++) {
        int rows = rows(purpose, batch, lanes, lane);
        StepGraph step = StepGraph.of(model, feed, purpose, firstRow, rows, batch, folding);
        assembly.addLane(step, byRows.get(rows), firstRow);
        if (lane == 0 && purpose != Purpose.TRAINING) {
          remarks(step).forEach(assembly::remark);
        }
        firstRow += rows;
      }
      return assembly;
    } catch (RuntimeException | Error failure) {
      assembly.close();
      throw failure;
    }
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
    StepGraph step = StepGraph.of(model, feed, purpose, 0, rows, batch, folding);
    LayoutSelection selection = selection(purpose, batch, lanes, step);
    long nanos = selection.nanos(selection.select());
    if (purpose == Purpose.TRAINING && lanes > 1) {
      // The gradients of the further lanes are read once more by the update.
      TensorSpec slice = TensorSpec.f32(model.parameterCount() / lanes + 1);
      OpCall sum = OpCall.of(new Add(), lanes, slice, slice);
      nanos += (lanes - 1) * stopwatch.nanos(sum, device.ways(sum).get(0));
    }
    return nanos;
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
    folded.ifPresent(layout -> fixed.putAll(layout.layouts()));
    Map<Value, Value> gradientOf = new LinkedHashMap<>();
    step.gradients().forEach((parameter, gradient) -> gradientOf.put(gradient, parameter));
    return new LayoutSelection(
        device,
        stopwatch,
        choices,
        scope(purpose, batch, lanes, step),
        mainScope,
        mainWays,
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
    StepGraph step = StepGraph.of(model, feed, purpose, 0, rows, batch, folding);
    LayoutSelection.Result result = selection(purpose, batch, lanes, step).select();
    if (parameters == null) {
      parameters =
          new ParameterLayout(model.parameters(), homes(result.homes()), device.alignment());
      mainScope = Optional.of(scope(purpose, batch, lanes, step));
      mainLanes = lanes;
      mainWays = ways(step, result);
    }
    if (purpose != Purpose.TRAINING && folded.isEmpty()) {
      folded =
          Optional.of(new ParameterLayout(folding.tensors(), result.homes(), device.alignment()));
    }
    return result;
  }

  private static Map<String, Way> ways(StepGraph step, LayoutSelection.Result chosen) {
    Map<String, Way> ways = new HashMap<>();
    for (int n = 0; n < chosen.ways().size(); n++) {
      ways.put(step.graph().nodes().get(n).name(), chosen.ways().get(n));
    }
    return ways;
  }

  /**
   * Adds homes of the parameters that the step reads only by what is folded: weights lie as their
   * folded form does, others in canonical form.
   */
  private Map<Value, Layout> homes(Map<Value, Layout> read) {
    Map<Value, Layout> homes = new HashMap<>(read);
    for (Node fold : folding.nodes()) {
      Layout folded = read.get(fold.output());
      if (folded != null) {
        homes.putIfAbsent(fold.inputs().get(0), folded);
      }
    }
    for (Parameter parameter : model.parameters()) {
      homes.putIfAbsent(parameter.value(), device.canonical(parameter.value().spec()));
    }
    return homes;
  }

  /** What people are told of a plan for evaluation or prediction. */
  private List<String> remarks(StepGraph step) {
    List<String> remarks = new ArrayList<>();
    long norms = count(model, BatchNorm2d.class);
    if (norms > 0) {
      remarks.add(
          device.fuses(FoldBatchNorm2d.class)
              ? "%d of %d batch normalisations are folded into convolutions"
                  .formatted(folding.nodes().size(), norms)
              : "%d batch normalisations run apart: %s folds none"
                  .formatted(norms, device.info().name()));
    }
    long sums = count(model, Add.class);
    if (sums > 0) {
      remarks.add(
          device.fuses(Conv2dAdd.class)
              ? "%d of %d sums are part of convolutions"
                  .formatted(count(step.graph(), Conv2dAdd.class), sums)
              : "%d sums run apart: %s joins none to convolutions"
                  .formatted(sums, device.info().name()));
    }
    return remarks;
  }

  private static long count(Graph graph, Class<? extends Op> op) {
    return graph.nodes().stream().filter(node -> op.isInstance(node.op())).count();
  }
}
