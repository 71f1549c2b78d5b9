package dev.lamina.device;

import dev.lamina.op.Op;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Hardware that runs prepared ops on its memory.
 *
 * <p>One thread at a time submits to a device: callers hold {@link #turn()} meanwhile. Arenas,
 * pinned buffers, prepared ops and replays must be closed before the device; {@link #close()}
 * reports what was not.
 */
public interface Device extends AutoCloseable {
  /** Returns name, hardware and libraries. */
  DeviceInfo info();

  /**
   * Returns the arithmetic it was opened in, which is that of all plans on it. Devices that know
   * more than single precision override this.
   */
  default Precision precision() {
    return Precision.F32;
  }

  /** Returns the text under which choices made on this device, in its precision, are kept. */
  default String fingerprint() {
    String device = info().fingerprint();
    return precision() == Precision.F32 ? device : device + " " + precision();
  }

  /** Returns how many lanes the device can run at once: its threads on a CPU, 1 elsewhere. */
  int maxLanes();

  /**
   * Returns how many steps are worth recording as one launch where nothing has to come from the
   * host between them; 1 where a launch costs nothing.
   */
  default int stepsPerLaunch() {
    return 1;
  }

  /** Returns the alignment in bytes that offsets of buffers in a slab must have. */
  int alignment();

  /** Returns the largest single allocation in bytes. */
  long maxAllocation();

  /**
   * Returns the bytes that all arenas together may take: what the device was opened with, else what
   * it has.
   */
  long memoryLimit();

  /**
   * Returns the lock that whoever prepares, allocates, submits or closes holds meanwhile. What runs
   * plans holds it for a step at a time, so that a training run and a predictor on one device
   * interleave. It is fair: a run that takes step after step would else keep others waiting.
   */
  ReentrantLock turn();

  /** Makes an empty arena. */
  DeviceArena arena(String name);

  /** Allocates pinned host memory. */
  PinnedBuffer pinned(String name, long bytes);

  /** Returns the stream on which replays run. */
  Stream compute();

  /** Returns the stream for copies beside the compute stream; may be the same. */
  Stream copy();

  /**
   * Returns the ways this device can run a call, its default first.
   *
   * @throws UnsupportedOpException if there is none; the message says what is not supported
   */
  List<Way> ways(OpCall call);

  /**
   * Returns the way to run a call that has that name, if {@link #ways(OpCall)} would list it. A
   * device that finds one way sooner than all overrides this: plans whose choices are known ask by
   * name.
   */
  default Optional<Way> way(OpCall call, String implementation) {
    return ways(call).stream()
        .filter(way -> way.implementation().equals(implementation))
        .findFirst();
  }

  /**
   * Says whether the device runs an op that lowering can put in place of several others. No model
   * has such an op in it, so a device need not know any; the others then run apart.
   */
  default boolean fuses(Class<? extends Op> op) {
    return false;
  }

  /** Returns what can be tried and is kept of trials; empty for devices that try all they offer. */
  default Optional<DeviceTuning> tuning() {
    return Optional.empty();
  }

  /** Makes a call ready to run in one of the ways offered. */
  PreparedOp prepare(OpCall call, Way way);

  /** Returns the layout {@link Layout#CANONICAL} of a spec. */
  default Layout canonical(TensorSpec spec) {
    return new Layout(Layout.CANONICAL, spec.bytes());
  }

  /**
   * Records phases, to be launched as one by {@link Stream#launch}.
   *
   * <p>A launch that no prepared op of this device made is a function of the host's; devices whose
   * buffers are mapped run it in its place, others refuse it.
   */
  Replay record(List<Phase> phases);

  /** Waits for all work, then closes; leaks of arenas, replays and buffers are reported. */
  @Override
  void close();
}
