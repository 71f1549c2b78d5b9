package dev.lamina.exec;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.PinnedBuffer;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model's flat buffers by key, in its arena. One that is not used any more is set aside, since
 * arenas give nothing back, and is zero again when it is needed next.
 */
final class FlatBuffers {
  private static final int CHUNK = 1 << 20;

  private final Device device;
  private final DeviceArena arena;
  private final Map<String, DeviceBuffer> used = new HashMap<>();
  private final Map<String, DeviceBuffer> aside = new HashMap<>();
  private final Freshness freshness = new Freshness();

  FlatBuffers(Device device, DeviceArena arena) {
    this.device = device;
    this.arena = arena;
  }

  /** Returns who is told when what lies in the buffers changes. */
  Freshness freshness() {
    return freshness;
  }

  boolean has(String key) {
    return used.containsKey(key);
  }

  /** Returns the buffer in use, or null. */
  DeviceBuffer get(String key) {
    return used.get(key);
  }

  /** Returns a copy of the map of all in use. */
  Map<String, DeviceBuffer> all() {
    return new LinkedHashMap<>(used);
  }

  /** Makes sure that there is such a buffer; it is zero at first. */
  void ensure(String key, long bytes) {
    if (!has(key)) {
      DeviceBuffer unused = aside.remove(key);
      if (unused != null) {
        clear(unused);
      }
      used.put(key, unused == null ? arena.allocate(key, bytes) : unused);
    }
  }

  /** Sets a buffer aside, if there is one of that name. */
  void drop(String key) {
    DeviceBuffer unused = used.remove(key);
    if (unused != null) {
      aside.put(key, unused);
    }
  }

  /** Fills a buffer in use with zeros. */
  void clear(String key) {
    clear(used.get(key));
  }

  private void clear(DeviceBuffer buffer) {
    freshness.changed();
    try (PinnedBuffer zeros = device.pinned("zeros", CHUNK)) {
      for (long offset = 0; offset < buffer.bytes(); offset += CHUNK) {
        DeviceBuffer part = part(buffer, offset);
        device.compute().upload(chunk(zeros, part), part);
        device.compute().sync();
      }
    }
  }

  /** Copies one buffer in use to another of the same length. */
  void copy(String from, String to) {
    freshness.changed();
    DeviceBuffer target = used.get(to);
    try (PinnedBuffer pinned = device.pinned("copy", CHUNK)) {
      for (long offset = 0; offset < target.bytes(); offset += CHUNK) {
        DeviceBuffer part = part(target, offset);
        device.compute().download(part(used.get(from), offset), chunk(pinned, part));
        device.compute().upload(chunk(pinned, part), part);
        device.compute().sync();
      }
    }
  }

  private static DeviceBuffer part(DeviceBuffer buffer, long offset) {
    return buffer.slice(offset, Math.min(CHUNK, buffer.bytes() - offset));
  }

  private static ByteBuffer chunk(PinnedBuffer pinned, DeviceBuffer part) {
    return pinned.bytes().clear().limit((int) part.bytes());
  }
}
