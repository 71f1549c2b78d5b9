package dev.lamina.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cli.config.UsageException;
import dev.lamina.cli.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
  @TempDir Path folder;

  @Test
  void writesEachLineAtOnceAndNeverNan() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    try (MetricsLog log = MetricsLog.open(file, 0)) {
      log.write(Json.object("epoch", 1, "loss", Double.NaN));
      assertEquals(List.of("{\"epoch\":1,\"loss\":null}"), Files.readAllLines(file));
      log.write(Json.object("epoch", 2, "loss", 0.25f));
      assertEquals("{\"epoch\":2,\"loss\":0.25}", Files.readAllLines(file).get(1));
    }
  }

  @Test
  void cutsOffWhatNoCheckpointHolds() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    String kept = "{\"epoch\":1}\nsomething damaged\n{\"epoch\":2}\n";
    Files.writeString(file, kept + "{\"epoch\":3}\n{\"epoch\":2}\n{\"epo");
    try (MetricsLog log = MetricsLog.open(file, 2)) {
      assertEquals(kept, Files.readString(file));
      log.write(Json.object("epoch", 3));
    }
    assertEquals(kept + "{\"epoch\":3}\n", Files.readString(file));
    Files.writeString(file, kept + "{\"epoch\":2");
    MetricsLog.open(file, 5).close();
    assertEquals(kept, Files.readString(file));
  }

  @Test
  void belongsToOneAtATime() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    try (MetricsLog log = MetricsLog.open(file, 0)) {
      log.write(Json.object("epoch", 1));
      UsageException refused = assertThrows(UsageException.class, () -> MetricsLog.open(file, 0));
      assertTrue(refused.getMessage().startsWith("another process trains into " + folder));
      assertEquals(1, Files.readAllLines(file).size());
    }
    MetricsLog.open(file, 1).close();
  }
}
