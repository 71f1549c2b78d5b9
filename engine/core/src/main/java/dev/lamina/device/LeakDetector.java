package dev.lamina.device;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows what a device has open, and reports what is left when the device closes. It never frees: a
 * collector cannot know when the device has finished with memory.
 *
 * <p>The system property {@code lamina.leaks} sets the level: {@code off}, {@code count} (default:
 * names and sizes), {@code trace} (also where each was opened). Thread-safe.
 */
public final class LeakDetector {
  /** Name of the system property that sets the level. */
  public static final String PROPERTY = "lamina.leaks";

  private enum Level {
    OFF,
    COUNT,
    TRACE
  }

  private record Opened(String what, LongSupplier bytes, Throwable where) {
    @Override
    public String toString() {
      return what + " (" + bytes.getAsLong() + " bytes)";
    }
  }

  private final String device;
  private final Level level;
  private final Map<Object, Opened> open = new LinkedHashMap<>();
  private boolean deviceClosed;

  /** Makes the detector of one opened device. */
  public LeakDetector(String device) {
    this.device = device;
    String value = System.getProperty(PROPERTY, "count").toUpperCase(Locale.ROOT);
    try {
      level = Level.valueOf(value);
    } catch (IllegalArgumentException unknown) {
      throw new DeviceException(
          "-D" + PROPERTY + "=" + value.toLowerCase(Locale.ROOT) + ": use off, count or trace");
    }
    LeakWatch.opened(this);
  }

  /**
   * Notes that something of a fixed size was opened.
   *
   * @return the key for {@link #closed}
   */
  public Object opened(String what, long bytes) {
    return opened(what, () -> bytes);
  }

  /**
   * Notes that something was opened whose size may still change.
   *
   * @param bytes gives the present size
   * @return the key for {@link #closed}
   */
  public synchronized Object opened(String what, LongSupplier bytes) {
    Object key = new Object();
    if (level != Level.OFF) {
      Throwable where = level == Level.TRACE ? new Throwable("opened here") : null;
      open.put(key, new Opened(what, bytes, where));
    }
    return key;
  }

  /** Notes that it was closed. */
  public synchronized void closed(Object key) {
    open.remove(key);
  }

  /** Returns a line for each thing that is open now. */
  public synchronized List<String> open() {
    return open.values().stream().map(Opened::toString).toList();
  }

  /** Logs what is still open; the device calls it when it closes. */
  public synchronized void report() {
    deviceClosed = true;
    if (open.isEmpty()) {
      return;
    }
    // Asked for only now: a program without a logging provider need not hear of it otherwise.
    Logger log = LoggerFactory.getLogger(LeakDetector.class);
    for (Opened opened : open.values()) {
      String hint = level == Level.TRACE ? "" : "; run with -D" + PROPERTY + "=trace to see where";
      log.error("{} was closed while {} was still open{}", device, opened, hint, opened.where());
    }
  }

  /** Returns a line for each thing that is open, and one for the device if it is. */
  synchronized List<String> leaks() {
    List<String> lines = new ArrayList<>();
    if (!deviceClosed) {
      lines.add("device " + device + " was not closed");
    }
    open.values().forEach(opened -> lines.add(opened + " of device " + device));
    return lines;
  }
}
