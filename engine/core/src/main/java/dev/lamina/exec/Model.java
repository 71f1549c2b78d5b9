package dev.lamina.exec;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.graph.Graph;
import dev.lamina.graph.StepGraph.Feed;
import dev.lamina.graph.StepGraph.Purpose;
import dev.lamina.op.OptimizerOp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A network's parameters, gradients and optimizer state on a device. Any number of plans bind to a
 * model; none copies its parameters.
 *
 * <p>How parameters lie in memory is settled by the first plan; until then they exist only as what
 * they will be initialised with. Plans are made, and tensors transferred, by whoever holds the
 * device's turn; what else takes a turn takes it itself. A model must be closed before its device.
 */
public final class Model implements AutoCloseable {
  /** Key of the folded values that follow from the moving average in place of the parameters. */
  private static final String FOLDED_AVERAGE = "folded average";

  /** Keys of what folded values follow from. */
  private static final Set<String> VALUES = Set.of(Keys.PARAMETERS, Keys.AVERAGE, Keys.STATISTICS);

  private final Device device;
  private final Graph graph;
  private final long seed;
  private final Choices choices;
  private final Optional<ChoiceStore> store;
  private final Lowering lowering;
  private final DeviceArena arena;
  private final FlatBuffers flat;
  private final ModelTensors tensors;

  private Map<String, String> remembered;
  private boolean settled;
  private boolean closed;

  private Model(
      Device device, Graph graph, long seed, Choices choices, Optional<ChoiceStore> store) {
    this.device = device;
    this.graph = graph;
    this.seed = seed;
    this.choices = choices;
    this.store = store;
    this.remembered = choices.all();
    this.lowering = new Lowering(device, graph, choices);
    device.turn().lock();
    try {
      this.arena = device.arena("model " + graph.name());
      this.flat = new FlatBuffers(device, arena);
    } finally {
      device.turn().unlock();
    }
    this.tensors = new ModelTensors(device, graph, lowering, flat);
  }

  /**
   * Makes a model whose initial values follow from the seed. Choices that plans stand on are
   * remembered in the user's cache folder, so that the same program gives the same bits again.
   */
  public static Model create(Device device, Graph graph, long seed) {
    return create(device, graph, seed, ChoiceStore.of(device, graph));
  }

  /** Makes a model as {@link #create(Device, Graph, long)} does, with choices remembered there. */
  public static Model create(Device device, Graph graph, long seed, ChoiceStore store) {
    return new Model(device, graph, seed, store.load(), Optional.of(store));
  }

  /** Makes a model whose plans are chosen as recorded; new decisions are added to the choices. */
  public static Model create(Device device, Graph graph, long seed, Choices choices) {
    return new Model(device, graph, seed, choices, Optional.empty());
  }

  /** Returns the device. */
  public Device device() {
    return device;
  }

  /** Returns the network. */
  public Graph graph() {
    return graph;
  }

  /** Returns the seed of the initial values. */
  public long seed() {
    return seed;
  }

  /** Returns the decisions that plans of this model stand on. */
  public Choices choices() {
    return choices;
  }

  /** Returns the bytes of device memory the model takes, plans not counted. */
  public long bytesInUse() {
    return arena.bytesInUse();
  }

  /**
   * Settles how parameters lie by the plan that will run most, and gives them their first values;
   * nothing happens if that is settled already.
   */
  private void settle(Purpose purpose, Feed feed, int batch) {
    requireOpen();
    if (settled) {
      return;
    }
    lowering.settle(purpose, feed, batch);
    // Whoever failed half-way, out of memory for one, may try again: all of this is then done anew.
    flat.ensure(Keys.PARAMETERS, layout().bytes());
    if (!graph.statistics().isEmpty()) {
      flat.ensure(Keys.STATISTICS, lowering.statistics().bytes());
    }
    tensors.initialize(seed);
    settled = true;
  }

  /**
   * Forgets what an earlier training left beside the parameters: optimizer states begin at zero, a
   * moving average is kept only where the rule says so and begins as the parameters. Plans are to
   * be made after it.
   */
  public void begin(UpdateRule rule) {
    requireOpen();
    int states = rule.optimizer().map(OptimizerOp::states).orElse(0);
    for (int state = 0; flat.has(Keys.state(state)); state++) {
      if (state < states) {
        flat.clear(Keys.state(state));
      } else {
        flat.drop(Keys.state(state));
      }
    }
    if (rule.averages()) {
      beginAverage();
    } else {
      flat.drop(Keys.AVERAGE);
    }
  }

  /** Makes the moving average, where one is kept, equal to the parameters. */
  public void beginAverage() {
    if (flat.has(Keys.AVERAGE)) {
      flat.copy(Keys.PARAMETERS, Keys.AVERAGE);
    }
  }

  /** Lowers a training step; the caller owns the schedule. */
  public Schedule training(Feed feed, int batch, UpdateRule rule) {
    settle(Purpose.TRAINING, feed, batch);
    Schedule schedule = lowering.training(feed, batch, rule);
    try {
      int lanes = schedule.stages().get(0).lanes().size();
      for (int lane = 0; lane < lanes; lane++) {
        ensure(Keys.gradients(lane));
      }
      if (rule.sums(lanes)) {
        ensure(Keys.ACCUMULATED);
      }
      rule.optimizer().ifPresent(optimizer -> ensureStates(optimizer.states()));
      if (rule.averages() && !flat.has(Keys.AVERAGE)) {
        flat.ensure(Keys.AVERAGE, layout().bytes());
        beginAverage();
      }
      remember();
      return schedule;
    } catch (RuntimeException | Error failure) {
      schedule.close();
      throw failure;
    }
  }

  /** Lowers evaluation or prediction; the caller owns the schedule. */
  public Schedule inference(Purpose purpose, Feed feed, int batch) {
    settle(purpose, feed, batch);
    Schedule schedule = lowering.inference(purpose, feed, batch);
    try {
      ensureFolded(foldedKey());
      remember();
      return schedule;
    } catch (RuntimeException | Error failure) {
      schedule.close();
      throw failure;
    }
  }

  private void remember() {
    Map<String, String> now = choices.all();
    if (!now.equals(remembered)) {
      remembered = now;
      store.ifPresent(target -> target.save(choices));
    }
  }

  /**
   * Builds the plan of a schedule of this model and takes over the schedule.
   *
   * @param slabs shared memory for what lives within a step
   * @param bound memory that is not the model's: samples, tables, cursor, ring
   */
  public ExecutionPlan plan(Schedule schedule, Slabs slabs, Map<String, DeviceBuffer> bound) {
    return plan(schedule, slabs, bound, Keys.FOLDED);
  }

  private ExecutionPlan plan(
      Schedule schedule, Slabs slabs, Map<String, DeviceBuffer> bound, String derived) {
    Map<String, DeviceBuffer> all = flat.all();
    all.putAll(bound);
    ExecutionPlan.Upkeep upkeep =
        new ExecutionPlan.Upkeep(flat.freshness(), changesValues(schedule), derived);
    return ExecutionPlan.build(device, schedule, slabs, all, upkeep);
  }

  /** Whether running it may change what folded values follow from. */
  private static boolean changesValues(Schedule schedule) {
    for (Task task : schedule.tasks()) {
      List<PlannedTensor> written = new ArrayList<>(task.outputs());
      task.call().op().mutates().forEach(input -> written.add(task.inputs().get(input)));
      for (PlannedTensor tensor : written) {
        if (tensor.place() instanceof Place.Bound bound && VALUES.contains(bound.key())) {
          return true;
        }
      }
    }
    return false;
  }

  /** Folded values of the average are not those of the parameters. */
  private String foldedKey() {
    return flat.has(Keys.AVERAGE) ? FOLDED_AVERAGE : Keys.FOLDED;
  }

  private void ensureFolded(String key) {
    lowering
        .folded()
        .filter(layout -> layout.bytes() > 0)
        .ifPresent(layout -> flat.ensure(key, layout.bytes()));
  }

  /**
   * Builds the plan of a schedule for evaluation or prediction as {@link #plan} does; where a
   * moving average of the parameters is kept, the plan computes with that.
   */
  public ExecutionPlan inferencePlan(
      Schedule schedule, Slabs slabs, Map<String, DeviceBuffer> bound) {
    Map<String, DeviceBuffer> all = new HashMap<>(bound);
    String folded = foldedKey();
    try {
      ensureFolded(folded);
    } catch (RuntimeException | Error failure) {
      schedule.close();
      throw failure;
    }
    if (flat.has(Keys.AVERAGE)) {
      all.put(Keys.PARAMETERS, flat.get(Keys.AVERAGE));
    }
    if (flat.has(folded)) {
      all.put(Keys.FOLDED, flat.get(folded));
    }
    return plan(schedule, slabs, all, folded);
  }

  /**
   * Makes sure that there are that many tensors of optimizer state per parameter, zero at first.
   */
  private void ensureStates(int states) {
    for (int state = 0; state < states; state++) {
      ensure(Keys.state(state));
    }
  }

  private void ensure(String key) {
    flat.ensure(key, layout().learningBytes());
  }

  private ParameterLayout layout() {
    return lowering.parameters();
  }

  /**
   * Names one tensor of the model.
   *
   * @param parameter the name of a parameter or statistic
   * @param state {@link #PARAMETER} for a parameter itself, {@link #STATISTIC} for a statistic,
   *     {@link #AVERAGE} for a parameter's moving average, else which optimizer state of the
   *     parameter
   */
  public record TensorName(String parameter, int state) {
    /** The parameter itself. */
    public static final int PARAMETER = -1;

    /** A statistic. */
    public static final int STATISTIC = -2;

    /** The moving average of the parameter. */
    public static final int AVERAGE = -3;
  }

  /** Returns what the network computes with, in order: parameters, then statistics. */
  public List<TensorName> values() {
    return tensors.values();
  }

  /**
   * Returns the tensors that make up the model's state: its values, then moving averages, if there
   * are any, and optimizer states.
   */
  public List<TensorName> tensors() {
    return tensors.all();
  }

  /**
   * Gives access to the values of a tensor; the caller closes it.
   *
   * @throws IllegalStateException if nothing has settled the model yet
   */
  public TensorTransfer transfer(TensorName name) {
    requireOpen();
    return tensors.transfer(name);
  }

  /** Returns a parameter's values in canonical order. */
  public float[] parameter(String name) {
    requireOpen();
    return tensors.read(new TensorName(name, TensorName.PARAMETER));
  }

  /** Returns a statistic's values in canonical order. */
  public float[] statistic(String name) {
    requireOpen();
    return tensors.read(new TensorName(name, TensorName.STATISTIC));
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("model " + graph.name() + " is closed");
    }
  }

  @Override
  public void close() {
    closed = true;
    device.turn().lock();
    try {
      arena.close();
    } finally {
      device.turn().unlock();
    }
  }
}
