package dev.lamina.device;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Remembers the devices that are opened while it watches, in the whole process, to tell afterwards
 * what was not closed: for tests. Thread-safe.
 */
public final class LeakWatch implements AutoCloseable {
  private static final Set<LeakWatch> WATCHES = ConcurrentHashMap.newKeySet();

  private final List<LeakDetector> devices = new CopyOnWriteArrayList<>();

  private LeakWatch() {}

  /** Starts to watch. */
  public static LeakWatch start() {
    LeakWatch watch = new LeakWatch();
    WATCHES.add(watch);
    return watch;
  }

  /**
   * Returns a line for each device opened since the start that is not closed, and for each arena,
   * pinned buffer, prepared op and replay of these devices that is open or outlived its device.
   */
  public List<String> leaks() {
    return devices.stream().flatMap(device -> device.leaks().stream()).toList();
  }

  /** Ends the watch; what it knows stays. */
  @Override
  public void close() {
    WATCHES.remove(this);
  }

  static void opened(LeakDetector device) {
    WATCHES.forEach(watch -> watch.devices.add(device));
  }
}
