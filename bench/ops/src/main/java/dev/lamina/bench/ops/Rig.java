package dev.lamina.bench.ops;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Launch;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Phase;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Way;
import dev.lamina.op.StepTable;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A device with what it takes to run one call after another on memory of its own. The caller holds
 * the device's turn.
 */
final class Rig {
  /** Matches the name of any implementation. */
  static final Pattern ANY = Pattern.compile("");

  /** A run is as many launches of a call as fill this, so that waiting for it weighs little. */
  private static final long RUN_NANOS = 2_000_000;

  private static final int MOST_REPEATS = 256;

  /** Runs by which ways are compared; one that is so many times slower is left at once. */
  private static final int TRIALS = 4;

  private static final int HOPELESS = 2;

  /** Random values are made once and laid out again and again. */
  private static final int PATTERN_BYTES = 1 << 20;

  private final Device device;
  private final ByteBuffer pattern = ByteBuffer.allocateDirect(PATTERN_BYTES);

  Rig(Device device) {
    this.device = device;
    SplittableRandom random = new SplittableRandom(7);
    pattern.order(ByteOrder.nativeOrder());
    for (int i = 0; i < PATTERN_BYTES; i += Float.BYTES) {
      pattern.putFloat(i, (float) random.nextDouble(-1, 1));
    }
  }

  Device device() {
    return device;
  }

  /**
   * Makes a case ready in the fastest way whose name has a pattern in it: as one call and, where
   * the device runs lanes, shared among them; empty if the device does not have the op in such a
   * way.
   */
  Optional<Subject> ready(Case given, Pattern wanted) {
    List<OpCall> forms = new ArrayList<>(List.of(given.call()));
    if (!given.share().equals(given.call()) && given.share().lanes() <= device.maxLanes()) {
      forms.add(given.share());
    }
    Subject best = null;
    for (OpCall form : forms) {
      for (Way way : ways(form, wanted, given.opaque())) {
        Subject next = subject(form, way, given.opaque());
        long least = next.trial(TRIALS, best == null ? Long.MAX_VALUE : HOPELESS * best.trial());
        if (best != null && least >= best.trial()) {
          next.close();
        } else {
          if (best != null) {
            best.close();
          }
          best = next;
        }
      }
    }
    if (best != null) {
      best.repeat((int) Math.max(1, Math.min(MOST_REPEATS, RUN_NANOS / best.trial())));
    }
    return Optional.ofNullable(best);
  }

  /**
   * Private forms hold what only their maker knows, so a way that has one where others read or
   * write a plain tensor cannot run alone.
   */
  private List<Way> ways(OpCall call, Pattern wanted, Set<Integer> opaque) {
    try {
      return device.ways(call).stream()
          .filter(way -> wanted.matcher(way.implementation()).find())
          .filter(way -> open(way.inputs(), opaque))
          .filter(way -> open(way.outputs(), call.op().opaque()))
          .toList();
    } catch (UnsupportedOpException none) {
      return List.of();
    }
  }

  private static boolean open(List<Layout> layouts, Set<Integer> opaque) {
    return IntStream.range(0, layouts.size())
        .allMatch(i -> opaque.contains(i) || !layouts.get(i).isPrivate());
  }

  private Subject subject(OpCall call, Way way, Set<Integer> opaque) {
    DeviceArena arena = device.arena("bench");
    PreparedOp prepared = null;
    try {
      prepared = device.prepare(call, way);
      List<Launch> lanes = new ArrayList<>();
      for (int lane = 0; lane < call.lanes(); lane++) {
        lanes.add(bound(call, way, prepared, arena, opaque));
      }
      device.compute().sync();
      return new Subject(this, way.implementation(), arena, prepared, lanes);
    } catch (RuntimeException failure) {
      if (prepared != null) {
        prepared.close();
      }
      arena.close();
      throw failure;
    }
  }

  private Launch bound(
      OpCall call, Way way, PreparedOp prepared, DeviceArena arena, Set<Integer> opaque) {
    List<DeviceBuffer> inputs = new ArrayList<>();
    for (int i = 0; i < way.inputs().size(); i++) {
      DeviceBuffer buffer = arena.allocate("input" + i, way.inputs().get(i).bytes());
      TensorSpec spec = call.inputs().get(i);
      if (spec.type() == DataType.F32 && !opaque.contains(i)) {
        fill(buffer);
      } else if (spec.type() == DataType.I32 && spec.shape().rank() == 2) {
        fillTable(spec, buffer);
      }
      inputs.add(buffer);
    }
    List<DeviceBuffer> outputs = new ArrayList<>();
    for (Layout layout : way.outputs()) {
      outputs.add(arena.allocate("output", layout.bytes()));
    }
    long workspace = prepared.workspaceBytes();
    return prepared.bind(
        inputs, outputs, workspace == 0 ? null : arena.allocate("workspace", workspace));
  }

  private void fill(DeviceBuffer buffer) {
    for (long at = 0; at < buffer.bytes(); at += PATTERN_BYTES) {
      int bytes = (int) Math.min(PATTERN_BYTES, buffer.bytes() - at);
      device.compute().upload(pattern.duplicate().limit(bytes), buffer.slice(at, bytes));
    }
  }

  /** Gradients that count, so that what is averaged does not fade to the slow smallest numbers. */
  private void fillTable(TensorSpec spec, DeviceBuffer buffer) {
    ByteBuffer table = ByteBuffer.allocateDirect((int) spec.bytes()).order(ByteOrder.nativeOrder());
    int words = (int) spec.dim(1);
    for (int slot = 0; slot < spec.dim(0); slot++) {
      for (int word :
          new int[] {
            StepTable.GRADIENT_SCALE, StepTable.BIAS_CORRECTION_1, StepTable.BIAS_CORRECTION_2
          }) {
        table.putFloat(Float.BYTES * (slot * words + word), 1);
      }
      table.putFloat(Float.BYTES * (slot * words + StepTable.LEARNING_RATE), 1e-6f);
    }
    device.compute().upload(table, buffer);
  }

  /** Records a call, once for each repeat, in every lane. */
  List<Phase> phases(List<Launch> lanes, int repeats) {
    return List.of(
        new Phase(
            "bench", lanes.stream().map(launch -> Collections.nCopies(repeats, launch)).toList()));
  }
}
