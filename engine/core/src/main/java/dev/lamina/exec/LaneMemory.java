package dev.lamina.exec;

import dev.lamina.device.Device;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Way;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The tasks of one lane while they are laid out: tensors are drafts until the lane's memory is
 * planned, since a place depends on all lifetimes. Lanes share no memory: they run at once.
 */
final class LaneMemory {
  private final Device device;
  private final MemoryPlanner planner;
  private final List<Row> rows = new ArrayList<>();
  private int firstSlab;

  /** A tensor whose place may not be known yet. */
  static final class Draft {
    private final String name;
    private final TensorSpec spec;
    private final Layout layout;
    private final LaneMemory owner;
    private final MemoryPlanner.Block block;
    private final Place bound;
    private final long offset;

    private Draft(
        String name,
        TensorSpec spec,
        Layout layout,
        LaneMemory owner,
        MemoryPlanner.Block block,
        Place bound,
        long offset) {
      this.name = name;
      this.spec = spec;
      this.layout = layout;
      this.owner = owner;
      this.block = block;
      this.bound = bound;
      this.offset = offset;
    }

    /** A part of this tensor's memory, seen as another tensor. */
    Draft part(String name, TensorSpec spec, Layout layout, long distance) {
      return new Draft(name, spec, layout, owner, block, bound, offset + distance);
    }

    String name() {
      return name;
    }

    TensorSpec spec() {
      return spec;
    }

    Layout layout() {
      return layout;
    }

    PlannedTensor planned() {
      Place place = block == null ? bound : owner.place(block);
      return new PlannedTensor(name, spec, layout, place.plus(offset));
    }
  }

  private record Row(
      String stage,
      String name,
      OpCall call,
      Way way,
      List<Draft> inputs,
      List<Draft> outputs,
      PreparedOp prepared,
      MemoryPlanner.Block workspace) {}

  LaneMemory(Device device) {
    this.device = device;
    this.planner = new MemoryPlanner(device.alignment(), device.maxAllocation());
  }

  /** A tensor in memory that the plan is given. */
  static Draft bound(String name, TensorSpec spec, Layout layout, String key, long offset) {
    return new Draft(name, spec, layout, null, null, new Place.Bound(key, offset), 0);
  }

  /** A tensor in the lane's own memory, alive from now to its last use. */
  Draft allocate(String name, TensorSpec spec, Layout layout) {
    MemoryPlanner.Block block = planner.allocate(name, layout.bytes(), rows.size());
    return new Draft(name, spec, layout, this, block, null, 0);
  }

  /**
   * A tensor in the lane's own memory that shares it with nothing, from the first task to the last.
   */
  Draft keep(String name, TensorSpec spec, Layout layout) {
    MemoryPlanner.Block block = planner.allocate(name, layout.bytes(), 0);
    block.usedAt(Integer.MAX_VALUE);
    return new Draft(name, spec, layout, this, block, null, 0);
  }

  /** Prepares a call and appends it to the lane. */
  void add(
      String stage, String name, OpCall call, Way way, List<Draft> inputs, List<Draft> outputs) {
    add(stage, name, call, way, device.prepare(call, way), inputs, outputs);
  }

  /** Appends a call that is prepared already; the lane owns it from here on. */
  void add(
      String stage,
      String name,
      OpCall call,
      Way way,
      PreparedOp prepared,
      List<Draft> inputs,
      List<Draft> outputs) {
    try (ResourceStack made = new ResourceStack()) {
      made.push(prepared);
      int time = rows.size();
      inputs.forEach(draft -> use(draft, time));
      outputs.forEach(draft -> use(draft, time));
      long bytes = prepared.workspaceBytes();
      MemoryPlanner.Block workspace =
          bytes == 0 ? null : planner.allocate(name + " workspace", bytes, time);
      rows.add(new Row(stage, name, call, way, inputs, outputs, prepared, workspace));
      made.detach();
    }
  }

  /** A tensor that another lane uses lives to the end, since lanes share no clock. */
  private void use(Draft draft, int time) {
    if (draft.block != null) {
      draft.block.usedAt(draft.owner == this ? time : Integer.MAX_VALUE);
    }
  }

  private Place place(MemoryPlanner.Block block) {
    Place.Slab slab = (Place.Slab) block.place();
    return new Place.Slab(slab.slab() + firstSlab, slab.offset());
  }

  /** Plans the lane's memory, whose slabs come after those of other lanes, and returns them. */
  List<Long> plan(int firstSlab) {
    this.firstSlab = firstSlab;
    return planner.plan();
  }

  /** Returns the tasks of a stage, after {@link #plan}. */
  List<Task> tasks(String stage) {
    List<Task> tasks = new ArrayList<>();
    for (Row row : rows) {
      if (row.stage.equals(stage)) {
        tasks.add(
            new Task(
                row.name,
                row.call,
                row.way,
                row.inputs.stream().map(Draft::planned).toList(),
                row.outputs.stream().map(Draft::planned).toList(),
                row.prepared,
                Optional.ofNullable(row.workspace).map(this::place)));
      }
    }
    return tasks;
  }

  /** Releases what was prepared, when laying out failed half-way. */
  void abandon() {
    try (ResourceStack parts = new ResourceStack()) {
      rows.forEach(row -> parts.push(row.prepared));
    }
  }
}
