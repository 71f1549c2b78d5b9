package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cli.json.Json;
import dev.lamina.testkit.RequiredDevices;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What tuning leaves for other processes, whatever becomes of its own. */
class TuningProcessTest {
  @TempDir Path folder;
  private Path found;
  private Process interrupted;

  @AfterEach
  void endProcess() {
    if (interrupted != null) {
      interrupted.destroyForcibly();
    }
  }

  @BeforeEach
  void requireDevice() throws IOException {
    RequiredDevices.require("opencl:0");
    found = Files.createDirectories(folder.resolve("home/tuning"));
  }

  @Test
  @DisabledOnOs(OS.WINDOWS) // has no signals
  void interruptedTuningLeavesTheFileWholeForASecondStart() throws Exception {
    String[] tune = {"tune", "lenet5", "--device", "opencl:0", "--batch-size", "8", "--json"};
    Process killed = startAndAwaitFinding(tune);
    killed.destroyForcibly().waitFor();
    Path file = file();
    Map<?, ?> before = calls(file);
    assertFalse(before.isEmpty());

    interrupted = startAndAwaitFinding(tune);
    // TERM, which does the same: a process that began in the background ignores INT. By its handle,
    // which leaves the streams open.
    interrupted.toHandle().destroy();
    String out = new String(interrupted.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(ExitCode.INTERRUPTED, interrupted.waitFor());
    Map<String, Object> document = Json.readObject(out);
    assertEquals(true, document.get("interrupted"));
    Map<Boolean, List<Object>> calls =
        ((List<?>) document.get("calls"))
            .stream()
                .map(call -> (Map<?, ?>) call)
                .collect(
                    Collectors.partitioningBy(
                        call -> (boolean) call.get("found_earlier"),
                        Collectors.mapping(call -> call.get("call"), Collectors.toList())));
    assertEquals(before.keySet(), Set.copyOf(calls.get(true)));
    assertFalse(calls.get(false).isEmpty(), "found nothing of its own");
    Map<?, ?> after = calls(file);
    assertTrue(after.entrySet().containsAll(before.entrySet()), after + " after " + before);
    assertEquals(before.size() + calls.get(false).size(), after.size());
  }

  @Test
  void damagedOrForeignFileIsLeftAsideWithAWarning() throws Exception {
    startAndAwaitFinding("tune", "mlp", "--device", "opencl:0", "--batch-size", "4")
        .destroyForcibly()
        .waitFor();
    Path file = file();
    String whole = Files.readString(file);
    assertWarns(file, whole.substring(0, whole.length() / 2), "is damaged");
    assertWarns(file, whole.replaceFirst("driver=", "driver=other"), "was found on another device");
  }

  /** Runs are what use the file most. */
  private void assertWarns(Path file, String content, String part) throws Exception {
    Files.writeString(file, content);
    Path errors = folder.resolve("errors");
    Process run =
        builder("train", "mlp", "--device", "opencl:0", "--dry-run", "--quiet")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(errors.toFile())
            .start();
    assertEquals(ExitCode.OK, run.waitFor(), Files.readString(errors));
    String said = Files.readString(errors);
    assertTrue(said.contains(file + " " + part), said);
    assertEquals(content, Files.readString(file));
  }

  /** Starts a process that tunes and returns it when it has kept something new. */
  private Process startAndAwaitFinding(String... arguments) throws Exception {
    try (WatchService watch = found.getFileSystem().newWatchService()) {
      // Whole files take the place of older ones, so each comes as a new one.
      found.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      Path errors = folder.resolve("errors");
      Process process = builder(arguments).redirectError(errors.toFile()).start();
      while (process.isAlive()) {
        WatchKey key = watch.poll(1, TimeUnit.SECONDS);
        if (key != null) {
          for (WatchEvent<?> event : key.pollEvents()) {
            if (event.context().toString().endsWith(".json")) {
              return process;
            }
          }
          key.reset();
        }
      }
      throw new AssertionError("it ended without a finding: " + Files.readString(errors));
    }
  }

  /** Returns the one file with what was found; temporary ones have other names. */
  private Path file() throws IOException {
    try (Stream<Path> files = Files.list(found)) {
      List<Path> whole = files.filter(file -> file.toString().endsWith(".json")).toList();
      assertEquals(1, whole.size(), whole.toString());
      return whole.get(0);
    }
  }

  /** Reads the calls of a file, which must be whole. */
  private static Map<?, ?> calls(Path file) throws Exception {
    return (Map<?, ?>) Json.readObject(Files.readString(file)).get("calls");
  }

  private ProcessBuilder builder(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("LAMINA_HOME", folder.resolve("home").toString());
    return builder;
  }
}
