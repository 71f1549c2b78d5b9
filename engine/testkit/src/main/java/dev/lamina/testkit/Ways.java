package dev.lamina.testkit;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceTuning;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The ways in which a device may come to run a call. */
final class Ways {
  private Ways() {}

  /**
   * Returns the ways that a device offers and, where it can be tuned, one way of each other
   * implementation that tuning may choose instead.
   */
  static List<Way> of(Device device, OpCall call) {
    List<Way> ways = new ArrayList<>(device.ways(call));
    Optional<DeviceTuning> tuning = device.tuning();
    if (tuning.isEmpty() || !tuning.get().covers(call)) {
      return ways;
    }
    Set<String> reached = new HashSet<>();
    ways.forEach(way -> reached.add(implementation(way)));
    Deque<Way> open = new ArrayDeque<>(ways);
    while (!open.isEmpty()) {
      for (Way way : tuning.get().neighbours(call, open.remove(), impossible -> {})) {
        if (reached.add(implementation(way))) {
          ways.add(way);
          open.add(way);
        }
      }
    }
    return ways;
  }

  /**
   * Says whether a way can run by itself. Private forms come only from the op that makes them:
   * {@link PooledGradientConformance} is for ways that take one.
   */
  static boolean reachable(Way way) {
    return way.inputs().stream().noneMatch(Layout::isPrivate);
  }

  /** Returns the name of a way without its parameters. */
  static String implementation(Way way) {
    return way.implementation().split(" ")[0];
  }
}
