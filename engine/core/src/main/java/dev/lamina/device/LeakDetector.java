package dev.lamina.device;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

  private static final Logger LOG = LoggerFactory.getLogger(LeakDetector.class);

  private enum Level {
    OFF,
    COUNT,
    TRACE
  }

  private record Opened(String what, long bytes, Throwable where) {}

  private final String device;
  private final Level level;
  private final Map<Object, Opened> open = new LinkedHashMap<>();

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
  }

  /**
   * Notes that something was opened.
   *
   * @return the key for {@link #closed}
   */
  public synchronized Object opened(String what, long bytes) {
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
    List<String> lines = new ArrayList<>();
    for (Opened opened : open.values()) {
      lines.add(opened.what() + " (" + opened.bytes() + " bytes)");
    }
    return lines;
  }

  /** Logs what is still open; the device calls it when it closes. */
  public synchronized void report() {
    for (Opened opened : open.values()) {
      String hint = level == Level.TRACE ? "" : "; run with -D" + PROPERTY + "=trace to see where";
      LOG.error(
          "{} was closed while {} ({} bytes) was still open{}",
          device,
          opened.what(),
          opened.bytes(),
          hint,
          opened.where());
    }
  }
}
