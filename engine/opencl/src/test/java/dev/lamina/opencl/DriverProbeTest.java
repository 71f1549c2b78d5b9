package dev.lamina.opencl;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.DeviceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** Drivers that end the process, played by a shell. */
class DriverProbeTest {
  @TempDir Path folder;

  private final AtomicInteger started = new AtomicInteger();

  @Test
  void driverThatEndsTheProcessIsNamedAndTriedOnce() {
    DriverProbe probe = probe("one", "printf 'opencl:1 Toy' > \"$0\"; kill -ABRT $$");
    for (int i = 0; i < 2; i++) {
      DeviceException refused = assertThrows(DeviceException.class, probe::check);
      assertTrue(
          refused.getMessage().contains("code 134 when opencl:1 Toy builds a kernel"),
          refused.getMessage());
    }
    assertEquals(1, started.get());
  }

  @Test
  void answerHoldsUntilDriversChange() {
    probe("one", "exit 0").check();
    probe("one", "exit 0").check();
    assertEquals(1, started.get());
    DeviceException refused =
        assertThrows(DeviceException.class, () -> probe("two", "exit 3").check());
    assertTrue(
        refused.getMessage().contains("code 3 when asked for devices"), refused.getMessage());
    assertEquals(2, started.get());
  }

  /** With an empty cache, as on a user's first day. */
  @Test
  void driversOfThisMachineAreTriedInAProcessOfTheirOwn() {
    FirstDevice.require();
    assertDoesNotThrow(new DriverProbe(folder, "these", DriverProbe::startChild)::check);
  }

  @Test
  void trialThatFailsItselfSaysWhyAndIsNotKept() {
    for (int i = 1; i <= 2; i++) {
      DeviceException refused =
          assertThrows(
              DeviceException.class,
              probe("one", "printf 'no class' > \"$0\"; exit " + DriverTrial.FAULT)::check);
      assertTrue(refused.getMessage().contains("cannot be tried: no class"), refused.getMessage());
      assertEquals(i, started.get());
    }
  }

  @Test
  void loaderThatIsMissingIsLookedForOnce() {
    String script = "printf 'no libOpenCL' > \"$0\"; exit " + DriverTrial.UNLOADABLE;
    for (int i = 0; i < 2; i++) {
      UnsatisfiedLinkError missing =
          assertThrows(UnsatisfiedLinkError.class, probe("one", script)::check);
      assertEquals("no libOpenCL", missing.getMessage());
    }
    assertEquals(1, started.get());
  }

  private DriverProbe probe(String key, String script) {
    return new DriverProbe(folder.resolve("cache"), key, progress -> start(script, progress));
  }

  private Process start(String script, Path progress) throws IOException {
    if (!Files.isExecutable(Path.of("/bin/sh"))) {
      throw new TestAbortedException("no shell to play a driver");
    }
    started.incrementAndGet();
    return new ProcessBuilder("/bin/sh", "-c", script, progress.toString()).start();
  }
}
