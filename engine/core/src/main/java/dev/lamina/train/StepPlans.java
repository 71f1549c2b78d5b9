package dev.lamina.train;

import dev.lamina.data.BatchFeed;
import dev.lamina.data.Normalization;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Event;
import dev.lamina.device.PinnedBuffer;
import dev.lamina.device.Stream;
import dev.lamina.exec.ExecutionPlan;
import dev.lamina.exec.Keys;
import dev.lamina.exec.Model;
import dev.lamina.exec.ResourceStack;
import dev.lamina.exec.Schedule;
import dev.lamina.exec.Slabs;
import dev.lamina.graph.Loss;
import dev.lamina.graph.StepGraph.Feed;
import dev.lamina.metric.Tally;
import dev.lamina.op.Augmentation;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.op.StepTable;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The plans that work through one feed, by rows of the batch and by what the step does, with the
 * step tables they read and the ring of loss cells they write.
 */
final class StepPlans implements AutoCloseable {
  /** Steps that may be enqueued before the host must look at their results. */
  private static final int SLOTS = 64;

  /**
   * Results are fetched by halves of the ring: while the device works through one half, those of
   * the other arrive, so the host waits only for steps that lie a half back.
   */
  private static final int HALF = SLOTS / 2;

  private static final int CELL_BYTES = SoftmaxCrossEntropy.CELL * Float.BYTES;

  /**
   * Which plan: a batch of so many rows, and whether the step ends in an update.
   *
   * @param updates always false for evaluation
   */
  record Kind(int rows, boolean updates) {}

  /** What a step's table holds beside the indices. */
  record Scalars(
      float learningRate,
      float gradientScale,
      float keep,
      float[] corrections,
      float averageDecay,
      long step,
      long randomKey) {
    static final Scalars NONE = new Scalars(0, 1, 0, new float[] {1, 1}, 0, 0, 0);
  }

  private final Device device;
  private final Model model;
  private final BatchFeed feed;
  private final Feed spec;
  private final DeviceArena arena;
  private final DeviceBuffer tables;
  private final DeviceBuffer cursor;
  private final DeviceBuffer ring;
  private final PinnedBuffer hostTables;
  private final PinnedBuffer hostRing;
  private final int tableBytes;
  private final Map<Kind, Schedule> schedules = new LinkedHashMap<>();
  private final Map<Kind, ExecutionPlan> plans = new LinkedHashMap<>();
  private final int[] pendingRows = new int[SLOTS];
  private final Event[] fetched = new Event[2];

  /** Steps that go to the device as one launch, and the rows of their batches. */
  private final int group;

  private final int batch;

  /** Steps taken. */
  private long steps;

  /**
   * Of those the last ones, all of one kind, that are not launched yet; their tables are written.
   */
  private int gathered;

  private Kind gatheredKind;

  /** Steps whose results are read. */
  private long read;

  StepPlans(
      Model model,
      BatchFeed feed,
      Normalization normalization,
      int batch,
      Loss loss,
      Augmentation augmentation) {
    this.device = model.device();
    this.model = model;
    this.feed = feed;
    this.batch = batch;
    group = feed.resident() ? Math.min(device.stepsPerLaunch(), HALF) : 1;
    TensorSpec tablesSpec = StepTable.spec(SLOTS, batch);
    spec =
        new Feed(
            feed.source(),
            normalization.scale(),
            normalization.mean(),
            normalization.deviation(),
            tablesSpec,
            loss,
            augmentation);
    tableBytes = StepTable.words(batch) * Integer.BYTES;
    try (ResourceStack made = new ResourceStack()) {
      arena = made.push(device.arena("steps of " + model.graph().name()));
      tables = arena.allocate("tables", tablesSpec.bytes());
      cursor = arena.allocate("cursor", StepTable.cursor().bytes());
      ring = arena.allocate("ring", (long) SLOTS * CELL_BYTES);
      arena.seal();
      hostTables = made.push(device.pinned("step tables", tablesSpec.bytes()));
      hostRing = made.push(device.pinned("loss ring", (long) SLOTS * CELL_BYTES));
      made.detach();
    }
  }

  /** Returns what plans over this feed are lowered for. */
  Feed spec() {
    return spec;
  }

  /** Adds a schedule, which is owned from here on. */
  void add(Kind kind, Schedule schedule) {
    schedules.put(kind, schedule);
  }

  List<Schedule> schedules() {
    return List.copyOf(schedules.values());
  }

  /** Builds the plans of all schedules, which train. */
  void build(Slabs slabs) {
    build(slabs, false);
  }

  /** Builds the plans of all schedules, which evaluate. */
  void buildInference(Slabs slabs) {
    build(slabs, true);
  }

  private void build(Slabs slabs, boolean inference) {
    Map<String, DeviceBuffer> bound = new HashMap<>();
    bound.put(Keys.SAMPLES, feed.samples());
    bound.put(Keys.LABELS, feed.labels());
    bound.put(Keys.TABLES, tables);
    bound.put(Keys.CURSOR, cursor);
    bound.put(Keys.RING, ring);
    for (Kind kind : List.copyOf(schedules.keySet())) {
      Schedule schedule = schedules.remove(kind);
      ExecutionPlan plan =
          inference
              ? model.inferencePlan(schedule, slabs, bound)
              : model.plan(schedule, slabs, bound);
      plans.put(kind, plan);
      if (group > 1 && kind.rows() == batch) {
        plan.record(group);
      }
    }
  }

  ExecutionPlan plan(Kind kind) {
    return plans.get(kind);
  }

  /** Starts a pass over the data; results of steps of a pass that was broken off are dropped. */
  void start(int[] order, int batch, int firstBatch) {
    collect(new Tally());
    feed.start(order, batch, firstBatch);
  }

  /**
   * Takes a step on the feed's next batch: enqueues it, or gathers it to be enqueued with those
   * that follow, where the device runs several as one. Results that are due are read into the tally
   * first.
   *
   * @return rows of the batch
   */
  int run(boolean updates, Scalars scalars, Tally tally) {
    if (steps % HALF == 0 && steps > read) {
      fetch(half(steps - 1));
      readUpTo(steps - HALF, tally);
    }
    int rows = gather(updates, scalars);
    // A half's results are fetched when all of its steps are enqueued.
    if (gathered == group || steps % HALF == 0) {
      launch();
    }
    feed.used();
    return rows;
  }

  /**
   * Takes a step on the feed's next batch, task by task, each waited for. Nothing else is enqueued
   * meanwhile.
   */
  List<ExecutionPlan.Timing> timedRun(Scalars scalars) {
    collect(new Tally());
    gather(true, scalars);
    upload();
    gathered = 0;
    List<ExecutionPlan.Timing> timings = plans.get(gatheredKind).timedRun();
    feed.used();
    return timings;
  }

  /** Writes the next step's table, behind those of the same kind that are gathered. */
  private int gather(boolean updates, Scalars scalars) {
    int slot = (int) (steps % SLOTS);
    ByteBuffer table =
        hostTables.bytes().slice(slot * tableBytes, tableBytes).order(ByteOrder.nativeOrder());
    table.putFloat(StepTable.LEARNING_RATE * Integer.BYTES, scalars.learningRate());
    table.putFloat(StepTable.GRADIENT_SCALE * Integer.BYTES, scalars.gradientScale());
    table.putFloat(StepTable.KEEP_GRADIENTS * Integer.BYTES, scalars.keep());
    table.putFloat(StepTable.BIAS_CORRECTION_1 * Integer.BYTES, scalars.corrections()[0]);
    table.putFloat(StepTable.BIAS_CORRECTION_2 * Integer.BYTES, scalars.corrections()[1]);
    table.putFloat(StepTable.AVERAGE_DECAY * Integer.BYTES, scalars.averageDecay());
    put(table, StepTable.STEP, scalars.step());
    put(table, StepTable.RANDOM_KEY, scalars.randomKey());
    IntBuffer indices = table.asIntBuffer().position(StepTable.INDICES);
    int rows = feed.next(indices);
    Kind kind = new Kind(rows, updates);
    if (!kind.equals(gatheredKind)) {
      launch();
      gatheredKind = kind;
    }
    pendingRows[slot] = rows;
    steps++;
    gathered++;
    return rows;
  }

  /** Enqueues what is gathered: its tables go up as one copy, and it runs as one launch. */
  private void launch() {
    if (gathered > 0) {
      upload();
      plans.get(gatheredKind).launch(gathered);
      gathered = 0;
    }
  }

  private void upload() {
    int first = (int) ((steps - gathered) % SLOTS) * tableBytes;
    int bytes = gathered * tableBytes;
    device.compute().upload(hostTables.bytes().slice(first, bytes), tables.slice(first, bytes));
  }

  /** Puts the low half in a word, the high half in the next. */
  private static void put(ByteBuffer table, int word, long value) {
    table.putInt(word * Integer.BYTES, (int) value);
    table.putInt((word + 1) * Integer.BYTES, (int) (value >>> Integer.SIZE));
  }

  private static int half(long step) {
    return (int) (step / HALF % 2);
  }

  /** Enqueues the copy of one half of the ring to the host. */
  private void fetch(int half) {
    int bytes = HALF * CELL_BYTES;
    DeviceBuffer cells = ring.slice((long) half * bytes, bytes);
    fetched[half] = device.compute().fetch(cells, hostRing.bytes().slice(half * bytes, bytes));
  }

  /** Adds the results of the steps before that one, which ends a half, to the tally. */
  private void readUpTo(long end, Tally tally) {
    if (end > read) {
      fetched[half(end - 1)].await();
      read(end, tally);
    }
  }

  private void read(long end, Tally tally) {
    ByteBuffer cells = hostRing.bytes();
    for (; read < end; read++) {
      int slot = (int) (read % SLOTS);
      int cell = slot * CELL_BYTES;
      float loss = cells.getFloat(cell + SoftmaxCrossEntropy.LOSS * Float.BYTES);
      float correct = cells.getFloat(cell + SoftmaxCrossEntropy.CORRECT * Float.BYTES);
      tally.add(loss, correct, pendingRows[slot]);
    }
  }

  /** Waits for the steps enqueued so far and adds their results, in order. */
  void collect(Tally tally) {
    launch();
    if (steps > read) {
      Stream stream = device.compute();
      stream.download(ring, hostRing.bytes().clear());
      stream.sync();
      read(steps, tally);
    }
  }

  /** Returns the bytes of device memory that feed and step tables take. */
  long bytesInUse() {
    return feed.bytesInUse() + arena.bytesInUse();
  }

  @Override
  public void close() {
    try (ResourceStack parts = new ResourceStack()) {
      parts.push(arena);
      parts.push(hostRing);
      parts.push(hostTables);
      schedules.values().forEach(parts::push);
      plans.values().forEach(parts::push);
      parts.push(device.compute()::sync);
    }
  }
}
