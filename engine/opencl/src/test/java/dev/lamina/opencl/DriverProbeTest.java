package dev.lamina.opencl;

import static java.time.Duration.ofDays;
import static java.time.Duration.ofMinutes;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.DeviceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.opentest4j.TestAbortedException;

/** Drivers that end the process, played by a shell. */
class DriverProbeTest {
  @TempDir Path folder;

  private final AtomicInteger started = new AtomicInteger();

  @Test
  void driverThatEndsTheProcessIsNamedAndTriedOnce() {
    DriverProbe probe = probe("one", "printf 'opencl:1 Toy' > \"$0\"; kill -ABRT $$");
    for (int i = 0; i < 2; i++) {
      DeviceException refused = assertThrows(DeviceException.class, () -> probe.check(false));
      assertTrue(
          refused.getMessage().contains("code 134 when opencl:1 Toy builds a kernel"),
          refused.getMessage());
    }
    assertEquals(1, started.get());
  }

  @Test
  void answerHoldsUntilDriversChange() {
    probe("one", "exit 0").check(false);
    probe("one", "exit 0").check(false);
    assertEquals(1, started.get());
    DeviceException refused =
        assertThrows(DeviceException.class, () -> probe("two", "exit 3").check(false));
    assertTrue(
        refused.getMessage().contains("code 3 when asked for devices"), refused.getMessage());
    assertEquals(2, started.get());
  }

  /** With an empty cache, as on a user's first day. */
  @Test
  void driversOfThisMachineAreTriedInAProcessOfTheirOwn() {
    FirstDevice.require();
    DriverProbe probe = new DriverProbe(folder, "these", 120, DriverProbe::startChild);
    assertDoesNotThrow(() -> probe.check(false));
  }

  @ParameterizedTest
  @CsvSource({
    "printf 'no class' > \"$0\"; exit 70, no class",
    "exit 130, their trial was ended from outside",
    "exit 137, their trial was ended from outside",
    "kill -TERM $$; sleep 60, their trial was ended from outside"
  })
  void trialThatFailsItselfSaysWhyAndIsNotKept(String script, String why) {
    for (int i = 1; i <= 2; i++) {
      DeviceException refused =
          assertThrows(DeviceException.class, () -> probe("one", script).check(false));
      assertTrue(refused.getMessage().contains("cannot be tried: " + why), refused.getMessage());
      assertEquals(i, started.get());
    }
  }

  @Test
  void loaderThatIsMissingIsLookedForOnce() throws IOException {
    String text = "Could not initialize native OpenCL library. Implementation library could not be";
    assertUnloadable(unloadable(text + " loaded"));
    letPass(ofDays(100));
    assertUnloadable(unloadable(text + " loaded"));
    assertEquals(1, started.get());
  }

  /** As JOCL says it where the folder for temporary files is full. */
  @Test
  void libraryThatCannotBeUnpackedIsTriedAgainAfterMinutes() throws IOException {
    DriverProbe full = unloadable("Error while loading\njava.io.IOException: No space left");
    assertUnloadable(full);
    letPass(ofMinutes(5));
    assertUnloadable(full);
    assertEquals(1, started.get());
    letPass(ofMinutes(11));
    probe("one", "exit 0").check(false);
    letPass(ofDays(100));
    probe("one", "exit 0").check(false);
    assertEquals(2, started.get());
  }

  @Test
  void driverThatHangsUnderLoadIsTriedAgainAfterMinutes() throws IOException {
    for (int i = 0; i < 2; i++) {
      DeviceException hangs =
          assertThrows(DeviceException.class, () -> probe("one", 1, "exec sleep 60").check(false));
      assertTrue(hangs.getMessage().contains("hang when asked"), hangs.getMessage());
    }
    assertEquals(1, started.get());
    letPass(ofMinutes(11));
    probe("one", "exit 0").check(false);
    assertEquals(2, started.get());
  }

  /** Answers that lie in the future are of a clock that was wrong. */
  @Test
  void unsettledAnswerFromTheFutureIsNotBelieved() throws IOException {
    assertUnloadable(unloadable("java.io.IOException: No space left"));
    letPass(ofDays(-1));
    probe("one", "exit 0").check(false);
  }

  @Test
  void crashIsKeptUntilSomebodyAsksAnew() throws IOException {
    assertThrows(DeviceException.class, () -> probe("one", "exit 134").check(false));
    letPass(ofDays(100));
    assertThrows(DeviceException.class, () -> probe("one", "exit 0").check(false));
    assertEquals(1, started.get());
    probe("one", "exit 0").check(true);
    probe("one", "exit 134").check(true);
    assertEquals(2, started.get());
  }

  private DriverProbe unloadable(String text) {
    return probe("one", "printf '%s' '" + text + "' > \"$0\"; exit " + DriverTrial.UNLOADABLE);
  }

  private static void assertUnloadable(DriverProbe probe) {
    assertThrows(UnsatisfiedLinkError.class, () -> probe.check(false));
  }

  /** Makes the one answer that is kept so old. */
  private void letPass(Duration time) throws IOException {
    try (Stream<Path> answers = Files.list(folder.resolve("cache"))) {
      FileTime then = FileTime.from(Instant.now().minus(time));
      Files.setLastModifiedTime(answers.findFirst().orElseThrow(), then);
    }
  }

  private DriverProbe probe(String key, int seconds, String script) {
    return new DriverProbe(
        folder.resolve("cache"), key, seconds, progress -> start(script, progress));
  }

  private DriverProbe probe(String key, String script) {
    return probe(key, 120, script);
  }

  private Process start(String script, Path progress) throws IOException {
    if (!Files.isExecutable(Path.of("/bin/sh"))) {
      throw new TestAbortedException("no shell to play a driver");
    }
    started.incrementAndGet();
    return new ProcessBuilder("/bin/sh", "-c", script, progress.toString()).start();
  }
}
