package dev.lamina.device;

import java.util.ArrayList;
import java.util.List;

/** Counts what the arenas of one device hold and refuses more than it may. Not thread-safe. */
public final class MemoryLimit {
  private final String device;
  private final long limit;
  private final long maxAllocation;
  private final List<AccountedArena.Account> arenas = new ArrayList<>();
  private long bytesInUse;

  /**
   * Makes the count of a device.
   *
   * @param limit bytes of all arenas together
   * @param maxAllocation bytes of a single allocation
   */
  public MemoryLimit(String device, long limit, long maxAllocation) {
    this.device = device;
    this.limit = limit;
    this.maxAllocation = Math.min(limit, maxAllocation);
  }

  /** Returns the largest single allocation in bytes. */
  public long maxAllocation() {
    return maxAllocation;
  }

  /** Returns the bytes of all arenas together. */
  public long bytes() {
    return limit;
  }

  void opened(AccountedArena.Account arena) {
    arenas.add(arena);
  }

  void closed(AccountedArena.Account arena) {
    arenas.remove(arena);
    bytesInUse -= arena.bytesInUse();
  }

  /** Checks that an allocation may be made; {@link #taken} follows when it has been. */
  void check(String what, long bytes) {
    if (bytes > maxAllocation) {
      throw new DeviceOutOfMemoryException(
          "%s: %s asks for %d bytes, but the largest allocation is %d bytes"
              .formatted(device, what, bytes, maxAllocation));
    }
    if (bytes > limit - bytesInUse) {
      throw refused(what, bytes, limit - bytesInUse);
    }
  }

  void taken(long bytes) {
    bytesInUse += bytes;
  }

  /** Returns what to throw where so many bytes are free and more are asked for. */
  DeviceOutOfMemoryException refused(String what, long bytes, long free) {
    return new DeviceOutOfMemoryException(
        "%s: %s asks for %d bytes, but only %d of %d are free (%s)"
            .formatted(
                device,
                what,
                bytes,
                free,
                limit,
                arenas.stream().map(a -> a.name() + " has " + a.bytesInUse()).toList()));
  }
}
