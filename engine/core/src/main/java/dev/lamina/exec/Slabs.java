package dev.lamina.exec;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import java.util.ArrayList;
import java.util.List;

/** Memory for activations and workspaces, large enough for any one of several schedules. */
public final class Slabs implements AutoCloseable {
  private final DeviceArena arena;
  private final List<DeviceBuffer> buffers = new ArrayList<>();

  private Slabs(DeviceArena arena) {
    this.arena = arena;
  }

  /**
   * Allocates slabs that the plans of these schedules share; they must never run at once.
   *
   * @throws dev.lamina.device.DeviceOutOfMemoryException if they do not fit
   */
  public static Slabs allocate(Device device, List<Schedule> schedules) {
    try (ResourceStack made = new ResourceStack()) {
      DeviceArena arena = made.push(device.arena("plan " + schedules.get(0).name()));
      Slabs slabs = new Slabs(arena);
      for (int slab = 0; ; slab++) {
        int index = slab;
        long bytes =
            schedules.stream()
                .filter(schedule -> index < schedule.slabs().size())
                .mapToLong(schedule -> schedule.slabs().get(index))
                .max()
                .orElse(0);
        if (bytes == 0) {
          break;
        }
        slabs.buffers.add(arena.allocate("slab " + slab, bytes));
      }
      arena.seal();
      made.detach();
      return slabs;
    }
  }

  List<DeviceBuffer> buffers() {
    return buffers;
  }

  /** Returns the bytes of all slabs. */
  public long bytes() {
    return arena.bytesInUse();
  }

  @Override
  public void close() {
    arena.close();
  }
}
