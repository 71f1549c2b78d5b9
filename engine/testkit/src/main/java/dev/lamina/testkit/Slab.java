package dev.lamina.testkit;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One device allocation cut into regions with guard bytes around each, so that whoever writes or
 * relies on a byte too many is found out. Lay out all regions, then {@link #allocate} it.
 */
final class Slab {
  private static final byte GUARD = (byte) 0xA5;

  /** Guard bytes after each region and before the first, besides what alignment adds. */
  private static final int GUARD_BYTES = 64;

  /** A run of bytes in the slab. */
  record Region(String name, long offset, long bytes) {
    /** Returns the region's part of a copy of the slab. */
    ByteBuffer of(ByteBuffer slab) {
      return slab.slice((int) offset, (int) bytes).order(ByteOrder.nativeOrder());
    }
  }

  private final Device device;
  private final List<Region> regions = new ArrayList<>();
  private long end = GUARD_BYTES;
  private DeviceBuffer memory;

  Slab(Device device) {
    this.device = device;
  }

  Region region(String name, long bytes) {
    long alignment = device.alignment();
    long offset = (end + alignment - 1) / alignment * alignment;
    Region region = new Region(name, offset, bytes);
    regions.add(region);
    end = offset + bytes + GUARD_BYTES;
    return region;
  }

  void allocate(DeviceArena arena) {
    memory = arena.allocate("slab", end);
  }

  DeviceBuffer buffer(Region region) {
    return memory.slice(region.offset(), region.bytes());
  }

  /** Makes a host image: guards as they must stay, regions full of one byte. */
  ByteBuffer image(byte garbage) {
    byte[] bytes = new byte[Math.toIntExact(end)];
    Arrays.fill(bytes, GUARD);
    for (Region region : regions) {
      int offset = (int) region.offset();
      Arrays.fill(bytes, offset, offset + (int) region.bytes(), garbage);
    }
    return host(end).put(bytes).rewind();
  }

  void upload(ByteBuffer image) {
    device.compute().upload(image, memory);
  }

  /** Waits for all work and copies the whole slab. */
  ByteBuffer download() {
    ByteBuffer image = host(end);
    device.compute().download(memory, image);
    device.compute().sync();
    return image;
  }

  /** Fails if a byte between regions has changed. */
  void checkGuards(ByteBuffer image) {
    long position = 0;
    Region before = null;
    for (Region region : regions) {
      checkGuard(image, position, region.offset(), before, region);
      position = region.offset() + region.bytes();
      before = region;
    }
    checkGuard(image, position, end, before, null);
  }

  private static void checkGuard(
      ByteBuffer image, long from, long to, Region before, Region after) {
    for (long i = from; i < to; i++) {
      if (image.get((int) i) != GUARD) {
        throw new AssertionError(
            "byte %d of the slab was written, outside every operand: between %s and %s"
                .formatted(i, before, after));
      }
    }
  }

  static ByteBuffer host(long bytes) {
    return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
  }
}
