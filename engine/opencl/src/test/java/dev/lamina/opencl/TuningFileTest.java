package dev.lamina.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.DeviceTuning.Found;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What tuning found, between processes. */
class TuningFileTest {
  private static final Found FOUND = new Found("tiles tiles.m=32", 10, 20);

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
