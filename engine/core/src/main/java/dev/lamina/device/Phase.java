package dev.lamina.device;

import java.util.List;

/**
 * Launches that need no order but their own: each lane runs its launches one after the other, lanes
 * run beside each other, and the next phase starts when all lanes are done.
 *
 * @param name for profiles, for example {@code gradients}
 * @param lanes at least one; most devices have just one
 */
public record Phase(String name, List<List<Launch>> lanes) {
  /** Copies the lists. */
  public Phase {
    lanes = lanes.stream().map(List::copyOf).toList();
    if (lanes.isEmpty()) {
      throw new IllegalArgumentException("phase " + name + " has no lane");
    }
  }
}
