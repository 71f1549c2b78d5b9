package dev.lamina.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class LeakDetectorTest {
  @Test
  void knowsWhatIsOpenAndItsPresentSize() {
    LeakDetector detector = new LeakDetector("toy");
    long[] bytes = {16};
    Object arena = detector.opened("arena plan", () -> bytes[0]);
    Object replay = detector.opened("replay", 0);
    bytes[0] = 48;
    assertEquals(List.of("arena plan (48 bytes)", "replay (0 bytes)"), detector.open());
    detector.closed(arena);
    detector.closed(arena);
    assertEquals(List.of("replay (0 bytes)"), detector.open());
    detector.closed(replay);
    assertEquals(List.of(), detector.open());
  }

  @Test
  void watchTellsOfDevicesOpenedInItsTime() {
    LeakDetector before = new LeakDetector("before");
    before.opened("arena old", 1);
    LeakWatch watch = LeakWatch.start();
    LeakDetector sound = new LeakDetector("sound");
    LeakDetector leaky = new LeakDetector("leaky");
    LeakDetector left = new LeakDetector("left");
    watch.close();
    LeakDetector after = new LeakDetector("after");
    after.opened("arena late", 1);
    Object key = sound.opened("arena plan", 16);
    sound.closed(key);
    sound.report();
    leaky.opened("arena plan", 16);
    leaky.report();
    assertEquals(
        List.of("arena plan (16 bytes) of device leaky", "device left was not closed"),
        watch.leaks());
    left.report();
  }

  @Test
  void levelIsChecked() {
    String before = System.getProperty(LeakDetector.PROPERTY);
    try {
      System.setProperty(LeakDetector.PROPERTY, "verbose");
      DeviceException unknown = assertThrows(DeviceException.class, () -> new LeakDetector("toy"));
      assertTrue(unknown.getMessage().contains("off, count or trace"), unknown.getMessage());
      System.setProperty(LeakDetector.PROPERTY, "off");
      LeakDetector off = new LeakDetector("toy");
      off.opened("arena plan", 16);
      assertEquals(List.of(), off.open());
    } finally {
      if (before == null) {
        System.clearProperty(LeakDetector.PROPERTY);
      } else {
        System.setProperty(LeakDetector.PROPERTY, before);
      }
    }
  }
}
