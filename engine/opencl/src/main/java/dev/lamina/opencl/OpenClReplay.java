package dev.lamina.opencl;

import dev.lamina.device.Launch;
import dev.lamina.device.Phase;
import dev.lamina.device.Replay;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Recorded launches in one order: the queue is in order and the device has one lane. */
final class OpenClReplay implements Replay {
  private final OpenClDevice device;
  private final String name;
  private final OpenClPrepared.Bound[] launches;
  private final Object leakKey;
  private boolean closed;

  OpenClReplay(OpenClDevice device, List<Phase> phases) {
    this.device = device;
    name = phases.stream().map(Phase::name).distinct().collect(Collectors.joining(", "));
    List<OpenClPrepared.Bound> all = new ArrayList<>();
    for (Phase phase : phases) {
      if (phase.lanes().size() > device.maxLanes()) {
        throw new IllegalArgumentException(
            "%s: phase %s has %d lanes, the device %d"
                .formatted(device.name(), phase.name(), phase.lanes().size(), device.maxLanes()));
      }
      for (Launch launch : phase.lanes().get(0)) {
        if (!(launch instanceof OpenClPrepared.Bound own) || own.device() != device) {
          throw new IllegalArgumentException(
              device.name()
                  + ": a replay can only hold launches of its own device, not host functions or"
                  + " other devices' launches, in phase "
                  + phase.name());
        }
        all.add(own);
      }
    }
    launches = all.toArray(OpenClPrepared.Bound[]::new);
    leakKey = device.leaks().opened("replay " + name, 0);
  }

  OpenClDevice device() {
    return device;
  }

  /** Returns the names of its phases. */
  String name() {
    return name;
  }

  void run(OpenClStream stream) {
    if (closed) {
      throw new IllegalStateException(
          device.name() + ": a replay was launched after it was closed");
    }
    for (OpenClPrepared.Bound launch : launches) {
      launch.enqueue(stream);
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
