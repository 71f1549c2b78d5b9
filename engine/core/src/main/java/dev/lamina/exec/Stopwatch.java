package dev.lamina.exec;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Launch;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Phase;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Replay;
import dev.lamina.device.Stream;
import dev.lamina.device.Way;
import dev.lamina.op.Reorder;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Times calls on a device, on scratch memory; each call and way only once.
 *
 * <p>The figure is the least of several runs: what disturbs a run only ever makes it longer. A
 * short call is run many times in one replay, since to launch one and wait for it takes longer than
 * many a call: tens of microseconds on devices that work by themselves.
 */
final class Stopwatch {
  /** Two weeks: more than any step, and thousands of them still add up. */
  static final long NEVER = 1L << 50;

  private static final int RUNS = 5;

  /** A single run of a long call tells little: its memory is new, and machines are noisy. */
  private static final int LEAST_RUNS = 2;

  private static final long ENOUGH_NANOS = 30_000_000;

  /** A way that takes so many times as long as the best of its call is not measured further. */
  private static final int HOPELESS = 2;

  /** Calls shorter than this are timed several in a row. */
  private static final long SHORT_NANOS = 250_000;

  private static final int MOST_REPEATS = 16;

  private record Timed(OpCall call, Way way) {}

  private final Device device;
  private final Map<Timed, Long> known = new HashMap<>();
  private final Map<OpCall, Long> best = new HashMap<>();

  Stopwatch(Device device) {
    this.device = device;
  }

  /** Returns the nanoseconds of a call done in that way. */
  long nanos(OpCall call, Way way) {
    Timed timed = new Timed(call, way);
    Long nanos = known.get(timed);
    if (nanos == null) {
      nanos = measure(call, way);
      known.put(timed, nanos);
      best.merge(call, nanos, Math::min);
    }
    return nanos;
  }

  /**
   * Returns the nanoseconds of changing a tensor's layout; 0 if there is nothing to change, {@link
   * #NEVER} if that cannot be done.
   */
  long reorder(TensorSpec spec, Layout from, Layout to, int lanes) {
    if (from.equals(to)) {
      return 0;
    }
    if (from.isPrivate() || to.isPrivate()) {
      return NEVER;
    }
    return nanos(OpCall.of(new Reorder(), lanes, spec), reorderWay(from, to));
  }

  static Way reorderWay(Layout from, Layout to) {
    return new Way("reorder", List.of(from), List.of(to));
  }

  /** Lanes that share a step run their calls at the same time, so they are timed at once. */
  private long measure(OpCall call, Way way) {
    try (ResourceStack made = new ResourceStack()) {
      DeviceArena arena = made.push(device.arena("timing"));
      List<Launch> lanes = new ArrayList<>();
      for (int lane = 0; lane < call.lanes(); lane++) {
        PreparedOp prepared = made.push(device.prepare(call, way));
        long workspace = prepared.workspaceBytes();
        lanes.add(
            prepared.bind(
                buffers(arena, way.inputs()),
                buffers(arena, way.outputs()),
                workspace == 0 ? null : arena.allocate("workspace", workspace)));
      }
      long best = this.best.getOrDefault(call, Long.MAX_VALUE / HOPELESS);
      long one = least(lanes, 1, best);
      int repeats = (int) Math.min(MOST_REPEATS, SHORT_NANOS / Math.max(1, one));
      return repeats > 1 ? Math.min(one, least(lanes, repeats, best)) : one;
    }
  }

  /** Returns the least nanoseconds that a launch took, which is run so many times in a row. */
  private long least(List<Launch> lanes, int repeats, long best) {
    List<List<Launch>> rows =
        lanes.stream().map(launch -> Collections.nCopies(repeats, launch)).toList();
    try (Replay replay = device.record(List.of(new Phase("timing", rows)))) {
      return least(replay, lanes.size(), best > NEVER ? best : best * repeats) / repeats;
    }
  }

  /**
   * A run of several lanes tells only if nothing disturbs any of them, so that takes more; however
   * many they are, since a first start measures hundreds of ways.
   */
  private long least(Replay replay, int lanes, long best) {
    int runs = lanes == 1 ? RUNS : 4 * RUNS;
    long enough = lanes == 1 ? ENOUGH_NANOS : 2 * ENOUGH_NANOS;
    Stream stream = device.compute();
    long least = Long.MAX_VALUE;
    long spent = 0;
    for (int run = 0; run <= LEAST_RUNS || run <= runs && spent < enough; run++) {
      long start = System.nanoTime();
      stream.launch(replay);
      stream.sync();
      long nanos = System.nanoTime() - start;
      spent += nanos;
      least = Math.min(least, nanos);
      // The first run loads code and caches: a short one tells only after a second.
      if ((run > 0 || nanos > ENOUGH_NANOS / 3) && least > HOPELESS * best) {
        break;
      }
    }
    return least;
  }

  private static List<DeviceBuffer> buffers(DeviceArena arena, List<Layout> layouts) {
    List<DeviceBuffer> buffers = new ArrayList<>();
    for (Layout layout : layouts) {
      buffers.add(arena.allocate(layout.tag(), layout.bytes()));
    }
    return buffers;
  }
}
