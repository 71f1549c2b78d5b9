package dev.lamina.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.DeviceTuning.Found;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What tuning found, between processes. */
class TuningFileTest {
  private static final Found FOUND = new Found("tiles tiles.m=32", 10, 20);

  private static final int MANY = 100;

  @TempDir Path folder;

  @Test
  void eachFindingIsThereForTheNextProcess() throws IOException {
    TuningFile file = new TuningFile(folder, "device one");
    assertEquals("", file.stamp());
    file.put("a", FOUND);
    String first = file.stamp();
    assertEquals(Map.of("a", FOUND), new TuningFile(folder, "device one").found());
    file.put("b", FOUND);
    assertEquals(Map.of("a", FOUND, "b", FOUND), new TuningFile(folder, "device one").found());
    assertEquals(file.stamp(), new TuningFile(folder, "device one").stamp());
    assertNotEquals(first, file.stamp());
  }

  @Test
  void findingsOfTwoProcessesAreAllKeptAndTheNewestCounts() throws IOException {
    TuningFile one = new TuningFile(folder, "device one");
    TuningFile two = new TuningFile(folder, "device one");
    Found better = new Found("tiles tiles.m=64", 5, 20);
    one.put("a", FOUND);
    two.put("b", FOUND);
    two.put("a", better);
    one.put("c", FOUND);
    Map<String, Found> all = Map.of("a", better, "b", FOUND, "c", FOUND);
    assertEquals(all, one.found());
    assertEquals(all, new TuningFile(folder, "device one").found());
    one.put("a", FOUND);
    assertEquals(FOUND, new TuningFile(folder, "device one").found().get("a"));
  }

  @Test
  void processesAndThreadsThatPutAtOnceLoseNothing() throws Exception {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Other.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    try {
      // It writes a line and then begins.
      assertEquals('b', other.getInputStream().read());
      CompletableFuture<Void> thread = CompletableFuture.runAsync(() -> putMany(folder, "thread"));
      putMany(folder, "this");
      thread.get();
      String errors = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, other.waitFor(), errors);
    } finally {
      other.destroyForcibly();
    }
    assertEquals(3 * MANY, new TuningFile(folder, "device").found().size());
  }

  private static void putMany(Path folder, String who) {
    TuningFile file = new TuningFile(folder, "device");
    for (int i = 0; i < MANY; i++) {
      try {
        file.put(who + i, FOUND);
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }

  /** Another process that tunes the same device. */
  static final class Other {
    private Other() {}

    public static void main(String[] arguments) {
      System.out.println("begins");
      putMany(Path.of(arguments[0]), "process");
    }
  }

  @Test
  void otherDevicesHaveOtherFiles() throws IOException {
    TuningFile one = new TuningFile(folder, "device one");
    one.put("a", FOUND);
    TuningFile other = new TuningFile(folder, "device one, newer driver");
    assertTrue(other.found().isEmpty());
    // Even a file that was brought there by hand is not taken for one's own.
    Files.copy(one.path(), other.path());
    assertTrue(new TuningFile(folder, "device one, newer driver").found().isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no json",
        "[]",
        "{\"subject\": \"device\", \"calls\": {\"a\": {\"way\": \"tiles\"",
        "{\"subject\": \"device\", \"calls\": {\"a\": {\"nanos\": 1, \"usual_nanos\": 1}}}",
        "{\"subject\": \"device\", \"calls\": {\"a\": {\"way\": \"tiles\", \"nanos\": -1}}}",
        "{\"subject\": \"device\", \"calls\": []}",
        "{\"subject\": \"device\", \"calls\": {}} more"
      })
  void damagedFileIsLeftAsideAndWrittenAnew(String text) throws IOException {
    Path path = new TuningFile(folder, "device").path();
    Files.writeString(path, text);
    TuningFile file = new TuningFile(folder, "device");
    assertTrue(file.found().isEmpty());
    assertEquals(text, Files.readString(path));
    file.put("a", FOUND);
    assertEquals(Map.of("a", FOUND), new TuningFile(folder, "device").found());
  }
}
