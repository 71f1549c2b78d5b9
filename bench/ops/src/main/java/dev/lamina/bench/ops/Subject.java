package dev.lamina.bench.ops;

import dev.lamina.device.DeviceArena;
import dev.lamina.device.Launch;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Replay;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A call on a device, in one way, with memory of its own, ready to be timed. */
final class Subject implements AutoCloseable {
  private final Rig rig;
  private final String way;
  private final DeviceArena arena;
  private final PreparedOp prepared;
  private final List<Launch> lanes;
  private final List<Long> nanos = new ArrayList<>();
  private Replay replay;
  private int repeats = 1;
  private long trial = Long.MAX_VALUE;

  Subject(Rig rig, String way, DeviceArena arena, PreparedOp prepared, List<Launch> lanes) {
    this.rig = rig;
    this.way = lanes.size() > 1 ? way + ", " + lanes.size() + " lanes" : way;
    this.arena = arena;
    this.prepared = prepared;
    this.lanes = lanes;
    replay = rig.device().record(rig.phases(lanes, 1));
  }

  /** Returns the implementation's name, and the lanes where there are several. */
  String way() {
    return way;
  }

  /** Returns the least nanoseconds of some runs, the first not counted; stops above a limit. */
  long trial(int runs, long limit) {
    run();
    for (int i = 0; i < runs; i++) {
      trial = Math.min(trial, run());
      if (trial > limit) {
        break;
      }
    }
    return trial;
  }

  long trial() {
    return trial;
  }

  /** Sets how many calls one run makes. */
  void repeat(int times) {
    replay.close();
    repeats = times;
    replay = rig.device().record(rig.phases(lanes, times));
  }

  /** Runs for so long, at least three times after one that does not count, and keeps the times. */
  void measure(long windowNanos) {
    run();
    long end = System.nanoTime() + windowNanos;
    for (int runs = 0; runs < 3 || System.nanoTime() < end; runs++) {
      nanos.add(run() / repeats);
    }
  }

  private long run() {
    long start = System.nanoTime();
    rig.device().compute().launch(replay);
    rig.device().compute().sync();
    return System.nanoTime() - start;
  }

  /** Returns the least nanoseconds of a call in all windows. */
  long least() {
    return Collections.min(nanos);
  }

  /** Returns the median nanoseconds of a call over all windows. */
  long median() {
    List<Long> sorted = nanos.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  @Override
  public void close() {
    replay.close();
    prepared.close();
    arena.close();
  }
}
