package dev.lamina.testkit;

import dev.lamina.device.Launch;
import dev.lamina.device.Phase;
import dev.lamina.device.Replay;
import java.util.ArrayList;
import java.util.List;

/**
 * Recorded phases. Lanes run one after the other, from the first to the last and at the next launch
 * from the last to the first, so that a lane that secretly needs another gives itself away.
 */
final class ReferenceReplay implements Replay {
  private final ReferenceDevice device;
  private final Object leakKey;
  private final List<List<List<Launch>>> phases = new ArrayList<>();
  private boolean backward;
  private boolean closed;

  ReferenceReplay(ReferenceDevice device, List<Phase> recorded) {
    this.device = device;
    for (Phase phase : recorded) {
      if (phase.lanes().size() > device.maxLanes()) {
        throw new IllegalArgumentException(
            "phase %s has %d lanes, but %s runs %d at most"
                .formatted(
                    phase.name(), phase.lanes().size(), device.info().name(), device.maxLanes()));
      }
      phase.lanes().forEach(lane -> lane.forEach(this::checkOwner));
      List<List<ReferencePrepared.Bound>> bound = new ArrayList<>();
      phase.lanes().forEach(lane -> bound.add(bound(lane)));
      checkApart(phase.name(), bound);
      phases.add(phase.lanes());
    }
    leakKey = device.leaks().opened("replay " + recorded.stream().map(Phase::name).toList(), 0);
  }

  ReferenceDevice device() {
    return device;
  }

  void launch(ReferenceStream stream) {
    if (closed) {
      throw new IllegalStateException("a replay was launched after it was closed");
    }
    phases.forEach(
        lanes -> lanes.forEach(lane -> bound(lane).forEach(launch -> launch.checkReady())));
    device.countLaunched();
    boolean reverse = backward;
    backward = !backward;
    for (List<List<Launch>> lanes : phases) {
      for (int i = 0; i < lanes.size(); i++) {
        List<Launch> lane = lanes.get(reverse ? lanes.size() - 1 - i : i);
        for (Launch launch : lane) {
          stream.submit(
              launch instanceof ReferencePrepared.Bound own
                  ? own::run
                  : () -> launch.enqueue(stream));
        }
      }
    }
  }

  @Override
  public void close() {
    if (!closed) {
      device.finish();
      device.leaks().closed(leakKey);
      closed = true;
    }
  }

  /** Host functions run where memory is mapped; launches of another device run nowhere here. */
  private void checkOwner(Launch launch) {
    boolean bound = launch instanceof ReferencePrepared.Bound;
    boolean own = bound && ((ReferencePrepared.Bound) launch).device() == device;
    if (!own && (bound || device.options().asynchronous())) {
      throw new IllegalArgumentException("a replay can only hold launches of its own device");
    }
  }

  private static List<ReferencePrepared.Bound> bound(List<Launch> lane) {
    return lane.stream()
        .filter(ReferencePrepared.Bound.class::isInstance)
        .map(ReferencePrepared.Bound.class::cast)
        .toList();
  }

  /** Refuses lanes of one phase where one writes what another touches. */
  private static void checkApart(String phase, List<List<ReferencePrepared.Bound>> lanes) {
    for (int a = 0; a < lanes.size(); a++) {
      for (int b = 0; b < lanes.size(); b++) {
        for (ReferencePrepared.Bound writer :
            a == b ? List.<ReferencePrepared.Bound>of() : lanes.get(a)) {
          for (ReferencePrepared.Bound other : lanes.get(b)) {
            checkApart(phase, writer, other);
          }
        }
      }
    }
  }

  private static void checkApart(
      String phase, ReferencePrepared.Bound writer, ReferencePrepared.Bound other) {
    for (ReferenceBuffer written : writer.written()) {
      for (ReferenceBuffer touched : other.touched()) {
        if (written.overlaps(touched)) {
          throw new IllegalArgumentException(
              "phase %s: lanes race, %s writes %s while %s touches %s"
                  .formatted(phase, writer, written, other, touched));
        }
      }
    }
  }
}
