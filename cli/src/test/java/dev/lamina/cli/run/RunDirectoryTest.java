package dev.lamina.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cli.config.UsageException;
import dev.lamina.cli.json.Json;
import dev.lamina.io.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
  private static final LocalDateTime TIME = LocalDateTime.of(2026, 1, 2, 3, 4, 5);

  @TempDir Path folder;

  @Test
  void namesRunsAfterModelDataAndTime() {
    RunDirectory run = RunDirectory.create(folder.resolve("runs"), "lenet5", "digits", TIME);
    String name = run.path().getFileName().toString();
    assertTrue(name.matches("lenet5-digits-20260102-030405-[0-9a-f]{4}"), name);
    assertTrue(Files.isDirectory(run.checkpoint("last").getParent()));
  }

  @Test
  void givesTwoRunsAtOnceTwoFolders() throws Exception {
    Set<Path> paths = ConcurrentHashMap.newKeySet();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    Callable<Boolean> make =
        () -> paths.add(RunDirectory.create(folder, "mlp", "digits", TIME).path());
    for (Future<Boolean> made :
        threads.invokeAll(IntStream.range(0, 200).mapToObj(i -> make).toList())) {
      assertTrue(made.get());
    }
    threads.shutdown();
    assertEquals(200, paths.size());
  }

  @Test
  void neverTakesAFolderThatHoldsSomething() throws IOException {
    Path out = folder.resolve("deep").resolve("out");
    RunDirectory run = RunDirectory.createAt(out);
    run.writeRecord(Json.object("schema", 1));
    assertTrue(refusal(out).startsWith(out + " already holds a run; choose another folder, "));
    Path full = Files.createDirectory(folder.resolve("full"));
    Files.writeString(full.resolve("thesis.txt"), "years of work");
    assertEquals(full + " is not empty; choose another folder for the run", refusal(full));
    assertEquals("years of work", Files.readString(full.resolve("thesis.txt")));
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertEquals(file + " is a file, not a folder for a run", refusal(file));
    assertEquals(
        "cannot make the run " + file.resolve("run") + ": " + file + ": it exists already",
        refusal(file.resolve("run")));
  }

  @Test
  void takesAnEmptyFolderOnce() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    RunDirectory run = RunDirectory.createAt(empty);
    assertThrows(UsageException.class, () -> RunDirectory.createAt(empty));
    run.discard();
    assertTrue(Files.isDirectory(empty));
    RunDirectory.createAt(empty);
  }

  @Test
  void takesAwayWhatItMade() throws IOException {
    RunDirectory run = RunDirectory.createAt(folder.resolve("out"));
    run.writeRecord(Json.object());
    run.discard();
    assertFalse(Files.exists(run.path()));
  }

  @Test
  void opensRunsOnly() throws IOException {
    UsageException refused = assertThrows(UsageException.class, () -> RunDirectory.open(folder));
    assertEquals(folder + " is not a run: it has no run.json", refused.getMessage());
    Path missing = folder.resolve("missing");
    refused = assertThrows(UsageException.class, () -> RunDirectory.open(missing));
    assertEquals(missing + " is not a run: it is no folder", refused.getMessage());
    RunDirectory.createAt(missing).writeRecord(Json.object("schema", 1));
    assertEquals(1L, RunDirectory.open(missing).record().get("schema"));
    Files.writeString(missing.resolve("run.json"), "{\"schema\": ");
    FormatException damaged =
        assertThrows(FormatException.class, () -> RunDirectory.open(missing).record());
    assertTrue(damaged.getMessage().startsWith(missing.resolve("run.json") + " is damaged: "));
  }

  private static String refusal(Path path) {
    return assertThrows(UsageException.class, () -> RunDirectory.createAt(path)).getMessage();
  }
}
