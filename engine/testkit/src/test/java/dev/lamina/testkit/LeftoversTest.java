package dev.lamina.testkit;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lamina.device.DeviceArena;
import dev.lamina.device.PinnedBuffer;
import org.junit.jupiter.api.Test;

class LeftoversTest {
  @Test
  void nothingLeftPasses() throws InterruptedException {
    ReferenceDevice outside = ReferenceDevice.open();
    Leftovers leftovers = new Leftovers();
    try (ReferenceDevice device = ReferenceDevice.open();
        DeviceArena arena = device.arena("plan")) {
      arena.allocate("x", 16);
    }
    Thread ending = new Thread(() -> {}, "ending");
    ending.start();
    assertDoesNotThrow(() -> leftovers.check("test"));
    outside.close();
  }

  @Test
  void arenaThatOutlivedItsDeviceIsFound() {
    Leftovers leftovers = new Leftovers();
    ReferenceDevice device = ReferenceDevice.open();
    DeviceArena arena = device.arena("plan");
    arena.allocate("x", 16);
    PinnedBuffer pinned = device.pinned("staging", 8);
    device.close();
    AssertionError found = assertThrows(AssertionError.class, () -> leftovers.check("test"));
    assertEquals(
        "test left behind: arena plan (16 bytes) of device reference;"
            + " pinned buffer staging (8 bytes) of device reference",
        found.getMessage());
    pinned.close();
    arena.close();
  }

  @Test
  void deviceLeftOpenIsFound() {
    Leftovers leftovers = new Leftovers();
    ReferenceDevice device = ReferenceDevice.open();
    AssertionError found = assertThrows(AssertionError.class, () -> leftovers.check("test"));
    assertEquals("test left behind: device reference was not closed", found.getMessage());
    device.close();
  }

  @Test
  void threadLeftRunningIsFound() throws InterruptedException {
    Leftovers leftovers = new Leftovers(1);
    Object monitor = new Object();
    Thread stuck =
        new Thread(
            () -> {
              synchronized (monitor) {
                try {
                  monitor.wait();
                } catch (InterruptedException ended) {
                  Thread.currentThread().interrupt();
                }
              }
            },
            "stuck");
    stuck.start();
    AssertionError found = assertThrows(AssertionError.class, () -> leftovers.check("test"));
    assertEquals("test left behind: thread stuck still runs", found.getMessage());
    stuck.interrupt();
    stuck.join();
  }
}
