package dev.lamina.cpu;

import dev.lamina.device.Launch;
import dev.lamina.device.Phase;
import dev.lamina.device.Replay;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** Phases with their lanes, ready to run: no allocation, a barrier after each phase. */
final class CpuReplay implements Replay {
  private final CpuDevice device;
  private final Launch[][][] phases;
  private final CpuPrepared.Bound[] bound;
  private final int lanes;
  private final Barrier barrier;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Object leakKey;
  private boolean closed;

  CpuReplay(CpuDevice device, List<Phase> phases) {
    this.device = device;
    this.phases = new Launch[phases.size()][][];
    List<CpuPrepared.Bound> ours = new ArrayList<>();
    int most = 1;
    for (int p = 0; p < this.phases.length; p++) {
      List<List<Launch>> given = phases.get(p).lanes();
      if (given.size() > device.maxLanes()) {
        throw new IllegalArgumentException(
            "cpu: phase %s has %d lanes, the device %d"
                .formatted(phases.get(p).name(), given.size(), device.maxLanes()));
      }
      most = Math.max(most, given.size());
      this.phases[p] = new Launch[given.size()][];
      for (int lane = 0; lane < given.size(); lane++) {
        this.phases[p][lane] = given.get(lane).toArray(Launch[]::new);
        given.get(lane).forEach(launch -> addOwn(launch, ours));
      }
    }
    bound = ours.toArray(CpuPrepared.Bound[]::new);
    lanes = most;
    barrier = new Barrier(most);
    leakKey = device.leaks().opened("replay " + phases.stream().map(Phase::name).toList(), 0);
  }

  /** Notes what this device prepared; launches may also come from functions of the host's. */
  private void addOwn(Launch launch, List<CpuPrepared.Bound> ours) {
    if (launch instanceof CpuPrepared.Bound own) {
      if (own.device() != device) {
        throw new IllegalArgumentException("cpu: launch " + launch + " belongs to another device");
      }
      ours.add(own);
    }
  }

  CpuDevice device() {
    return device;
  }

  int lanes() {
    return lanes;
  }

  void run(Crew crew) {
    if (closed) {
      throw new IllegalStateException("cpu: a replay was launched after it was closed");
    }
    for (CpuPrepared.Bound launch : bound) {
      launch.checkReady();
    }
    crew.run(this);
    Throwable failed = failure.getAndSet(null);
    if (failed instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (failed instanceof Error error) {
      throw error;
    }
  }

  /** Runs one lane of every phase; on return of lane 0 all lanes are done. */
  void runLane(int lane) {
    for (Launch[][] phase : phases) {
      if (lane < phase.length && failure.get() == null) {
        try {
          for (Launch launch : phase[lane]) {
            if (launch instanceof CpuPrepared.Bound own) {
              own.run();
            } else {
              launch.enqueue(device.compute());
            }
          }
        } catch (RuntimeException | Error failed) {
          failure.compareAndSet(null, failed);
        }
      }
      barrier.await(lane);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      device.leaks().closed(leakKey);
    }
  }
}
