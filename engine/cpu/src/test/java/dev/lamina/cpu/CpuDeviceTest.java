package dev.lamina.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceOptions;
import dev.lamina.testkit.LeakCheck;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class CpuDeviceTest {
  @Test
  void whatIsOpenIsReportedWithThePresentSize() {
    try (CpuDevice device =
        (CpuDevice) new CpuDeviceProvider().open(0, DeviceOptions.defaults().withThreads(1))) {
      try (DeviceArena arena = device.arena("plan")) {
        arena.allocate("slab 0", 4096);
        arena.allocate("slab 1", 100);
        assertEquals(List.of("arena plan (4196 bytes)"), device.leaks().open());
      }
      assertEquals(List.of(), device.leaks().open());
    }
  }
}
