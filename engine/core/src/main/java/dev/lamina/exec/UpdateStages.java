package dev.lamina.exec;

import dev.lamina.device.Device;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.exec.LaneMemory.Draft;
import dev.lamina.op.ClipFactor;
import dev.lamina.op.EndStep;
import dev.lamina.op.L1Penalty;
import dev.lamina.op.MovingAverage;
import dev.lamina.op.Op;
import dev.lamina.op.OptimizerOp;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.op.SquaredNorm;
import dev.lamina.op.StepTable;
import dev.lamina.op.SumGradients;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The stages after the gradients: sum over lanes and batches, norm, optimizer, end of step. All of
 * them work on flat buffers, each lane on its slice.
 */
final class UpdateStages {
  /** Floats in a cache line: slices start on one, so that lanes never write to the same. */
  private static final long LINE = 16;

  private final Device device;
  private final List<LaneMemory> memories;
  private final List<String> stages;
  private final ParameterLayout parameters;
  private final TensorSpec tablesSpec;
  private final List<Draft> laneGradients;
  private final List<Draft> cells;

  /** What the device cannot do; a call of several lanes and slices counts once. */
  private final Set<String> missing = new LinkedHashSet<>();

  UpdateStages(
      Device device,
      List<LaneMemory> memories,
      List<String> stages,
      ParameterLayout parameters,
      TensorSpec tablesSpec,
      List<Draft> laneGradients,
      List<Draft> cells) {
    this.device = device;
    this.memories = memories;
    this.stages = stages;
    this.parameters = parameters;
    this.tablesSpec = tablesSpec;
    this.laneGradients = laneGradients;
    this.cells = cells;
  }

  /** A run of floats of the flat buffers, and whether it decays. */
  private record Slice(long from, long length, boolean decays) {}

  void addUpdate(UpdateRule rule) {
    List<Draft> gradients = laneGradients;
    boolean summed = rule.sums(laneGradients.size());
    if (summed) {
      Draft sum = bound(Keys.ACCUMULATED);
      addSum(sum, rule.accumulates());
      gradients = List.of(sum);
    }
    if (rule.optimizer().isEmpty()) {
      return;
    }
    if (rule.l1() > 0) {
      addPenalty(rule, gradients.get(0));
    }
    List<Draft> squares = rule.maxNorm() > 0 ? addNorm(gradients.get(0)) : List.of();
    addOptimizer(rule, gradients, squares);
    if (rule.averages()) {
      addAverage();
    }
  }

  /** Adds to the first lane's gradients, which the update sums with the others. */
  private void addPenalty(UpdateRule rule, Draft gradients) {
    stages.add("penalty");
    Op op = new L1Penalty(rule.l1());
    for (int lane = 0; lane < memories.size(); lane++) {
      for (Slice slice : slices(lane, true)) {
        if (slice.decays() || rule.decaysAll()) {
          Draft parameters = part(bound(Keys.PARAMETERS), slice);
          List<Draft> inputs = List.of(part(gradients, slice), parameters, tables(), cursor());
          add(lane, "penalty", "l1_penalty", op, inputs, List.of());
        }
      }
    }
  }

  /**
   * Needs no stage of its own: each lane averages what it has just updated, and the first one what
   * is frozen, so that averages are complete.
   */
  private void addAverage() {
    long all = parameters.bytes() / Float.BYTES;
    for (int lane = 0; lane < memories.size(); lane++) {
      List<Slice> slices = new ArrayList<>(slices(lane, false));
      if (lane == 0 && all > floats()) {
        slices.add(new Slice(floats(), all - floats(), false));
      }
      for (Slice slice : slices) {
        Draft average = part(bound(Keys.AVERAGE), slice);
        List<Draft> inputs =
            List.of(average, part(bound(Keys.PARAMETERS), slice), tables(), cursor());
        add(lane, "update", "moving_average", new MovingAverage(), inputs, List.of());
      }
    }
  }

  private void addSum(Draft sum, boolean keeps) {
    stages.add("sum");
    for (int lane = 0; lane < memories.size(); lane++) {
      for (Slice slice : slices(lane, false)) {
        List<Draft> inputs = new ArrayList<>(List.of(part(sum, slice), tables(), cursor()));
        laneGradients.forEach(gradient -> inputs.add(part(gradient, slice)));
        add(lane, "sum", "sum_gradients", new SumGradients(keeps), inputs, List.of());
      }
    }
  }

  private List<Draft> addNorm(Draft gradients) {
    stages.add("norm");
    List<Draft> squares = new ArrayList<>();
    for (int lane = 0; lane < memories.size(); lane++) {
      for (Slice slice : slices(lane, false)) {
        TensorSpec one = TensorSpec.f32(1);
        Draft square = memories.get(lane).keep("squared norm", one, canonical(one));
        squares.add(square);
        List<Draft> inputs = List.of(part(gradients, slice));
        add(lane, "norm", "squared_norm", new SquaredNorm(), inputs, List.of(square));
      }
    }
    return squares;
  }

  private void addOptimizer(UpdateRule rule, List<Draft> gradients, List<Draft> squares) {
    stages.add("update");
    boolean clipped = !squares.isEmpty();
    OptimizerOp optimizer = rule.optimizer().orElseThrow().clipped(clipped);
    for (int lane = 0; lane < memories.size(); lane++) {
      List<Slice> slices = slices(lane, true);
      if (slices.isEmpty()) {
        continue;
      }
      Draft factor = null;
      if (clipped) {
        // Every lane works the factor out for itself: cheaper than a stage of its own.
        TensorSpec one = TensorSpec.f32(1);
        factor = memories.get(lane).allocate("clip factor", one, canonical(one));
        List<Draft> inputs = new ArrayList<>(List.of(tables(), cursor()));
        inputs.addAll(squares);
        Op op = new ClipFactor(rule.maxNorm());
        add(lane, "update", "clip_factor", op, inputs, List.of(factor));
      }
      for (Slice slice : slices) {
        List<Draft> inputs = new ArrayList<>();
        inputs.add(part(bound(Keys.PARAMETERS), slice));
        for (int state = 0; state < optimizer.states(); state++) {
          inputs.add(part(bound(Keys.state(state)), slice));
        }
        inputs.add(tables());
        inputs.add(cursor());
        if (clipped) {
          inputs.add(factor);
        }
        gradients.forEach(gradient -> inputs.add(part(gradient, slice)));
        float decay = slice.decays() || rule.decaysAll() ? rule.weightDecay() : 0;
        Op op = optimizer.forGroup(1, decay);
        String name = slice.decays() ? "update decaying" : "update others";
        add(lane, "update", name, op, inputs, List.of());
      }
    }
  }

  /**
   * Adds the last stage, alone, since it moves the cursor that all others read.
   *
   * @throws UnsupportedOpException listing what of all stages the device cannot do
   */
  void addEnd() {
    stages.add("end");
    TensorSpec ring = TensorSpec.f32(tablesSpec.dim(0), SoftmaxCrossEntropy.CELL);
    List<Draft> inputs = new ArrayList<>();
    inputs.add(LaneMemory.bound(Keys.RING, ring, canonical(ring), Keys.RING, 0));
    inputs.add(cursor());
    inputs.addAll(cells);
    add(0, "end", "end_step", new EndStep(), inputs, List.of());
    if (!missing.isEmpty()) {
      throw new UnsupportedOpException(
          device.info().name() + " cannot run " + String.join("; ", missing));
    }
  }

  private void add(
      int lane, String stage, String name, Op op, List<Draft> inputs, List<Draft> outputs) {
    TensorSpec[] specs = inputs.stream().map(Draft::spec).toArray(TensorSpec[]::new);
    OpCall call = OpCall.of(op, memories.size(), specs);
    try {
      Way way = device.ways(call).get(0);
      memories.get(lane).add(stage, name, call, way, inputs, outputs);
    } catch (UnsupportedOpException unsupported) {
      missing.add(stage + " (" + op.name() + "): " + unsupported.getMessage());
    }
  }

  /** The lane's share of the flat buffers, cut at group borders if asked. */
  private List<Slice> slices(int lane, boolean byGroup) {
    long lines = (floats() + LINE - 1) / LINE;
    long from = Math.min(floats(), lines * lane / memories.size() * LINE);
    long to = Math.min(floats(), lines * (lane + 1) / memories.size() * LINE);
    List<Slice> slices = new ArrayList<>();
    if (!byGroup) {
      if (to > from) {
        slices.add(new Slice(from, to - from, false));
      }
      return slices;
    }
    for (ParameterLayout.Group group : parameters.groups()) {
      long start = Math.max(from, group.offset() / Float.BYTES);
      long end = Math.min(to, (group.offset() + group.bytes()) / Float.BYTES);
      if (end > start) {
        slices.add(new Slice(start, end - start, group.decays()));
      }
    }
    return slices;
  }

  /** Values that learn. */
  private long floats() {
    return parameters.learningBytes() / Float.BYTES;
  }

  private Draft bound(String key) {
    TensorSpec flat = flat(floats());
    return LaneMemory.bound(key, flat, canonical(flat), key, 0);
  }

  private Draft part(Draft whole, Slice slice) {
    TensorSpec flat = flat(slice.length());
    return whole.part(whole.name(), flat, canonical(flat), slice.from() * Float.BYTES);
  }

  private Draft tables() {
    return LaneMemory.bound(Keys.TABLES, tablesSpec, canonical(tablesSpec), Keys.TABLES, 0);
  }

  private Draft cursor() {
    TensorSpec spec = StepTable.cursor();
    return LaneMemory.bound(Keys.CURSOR, spec, canonical(spec), Keys.CURSOR, 0);
  }

  private Layout canonical(TensorSpec spec) {
    return device.canonical(spec);
  }

  private static TensorSpec flat(long elements) {
    return TensorSpec.f32(elements);
  }
}
