package dev.lamina.cuda;

import dev.lamina.cuda.call.Driver;
import dev.lamina.cuda.call.Handle;
import dev.lamina.device.Launch;
import dev.lamina.device.Phase;
import dev.lamina.device.Replay;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Recorded launches: one graph, which one call of the driver's launches. */
final class CudaReplay implements Replay {
  private final CudaDevice device;
  private final Driver driver;
  private final String name;
  private final List<CudaPrepared.Bound> launches = new ArrayList<>();
  private final Set<CudaArena> arenas = new LinkedHashSet<>();

  /** Null where each launch is run alone, to find the one that fails. */
  private final Handle graph;

  private final Object leakKey;
  private boolean closed;

  CudaReplay(CudaDevice device, List<Phase> phases) {
    this.device = device;
    driver = device.libraries().driver();
    name = phases.stream().map(Phase::name).distinct().collect(Collectors.joining(", "));
    for (Phase phase : phases) {
      if (phase.lanes().size() > device.maxLanes()) {
        throw new IllegalArgumentException(
            "%s: phase %s has %d lanes, the device %d"
                .formatted(device.name(), phase.name(), phase.lanes().size(), device.maxLanes()));
      }
      for (Launch launch : phase.lanes().get(0)) {
        if (!(launch instanceof CudaPrepared.Bound own) || own.device() != device) {
          throw new IllegalArgumentException(
              device.name()
                  + ": a replay can only hold launches of its own device, not host functions or"
                  + " other devices' launches, in phase "
                  + phase.name());
        }
        launches.add(own);
        arenas.addAll(own.arenas());
      }
    }
    graph = device.eachAlone() ? null : device.attributed("recording " + name, this::capture);
    leakKey = device.leaks().opened("replay " + name, 0);
  }

  private Handle capture() {
    Handle stream = device.compute().handle();
    driver.beginCapture(stream);
    try {
      launches.forEach(launch -> launch.enqueue(device.compute()));
    } catch (RuntimeException failure) {
      driver.abandonCapture(stream);
      throw failure;
    }
    return driver.endCapture(stream);
  }

  CudaDevice device() {
    return device;
  }

  void run() {
    if (closed) {
      throw new IllegalStateException(
          device.name() + ": a replay was launched after it was closed");
    }
    arenas.forEach(arena -> arena.checkOpen(name));
    if (graph == null) {
      for (CudaPrepared.Bound launch : launches) {
        launch.enqueue(device.compute());
        device.launched(launch.toString());
        device.compute().finish();
      }
    } else {
      device.launched(name);
      device.attributed(
          "launching " + name,
          () -> {
            driver.launchGraph(device.compute().handle(), graph);
            return null;
          });
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (graph != null) {
        device.finish();
        device.closing(() -> driver.destroyGraph(graph));
      }
      device.leaks().closed(leakKey);
    }
  }
}
