package dev.lamina.cli.run;

import dev.lamina.cli.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What a run's record says of the process and the machine; absent where it cannot be known. */
public final class Surroundings {
  private Surroundings() {}

  /** Returns Java, operating system and processors. */
  public static Map<String, Object> system() {
    return Json.object(
        "java",
        Runtime.version() + " " + System.getProperty("java.vm.name"),
        "os",
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        "arch",
        System.getProperty("os.arch"),
        "processors",
        Runtime.getRuntime().availableProcessors());
  }

  /** Returns the largest resident memory of this process so far, in bytes; Linux only. */
  public static Optional<Long> peakResidentBytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmHWM:")) {
          return Optional.of(Long.parseLong(line.replaceAll("\\D", "")) * 1024);
        }
      }
    } catch (IOException notLinux) {
      // nothing else tells it without native code
    }
    return Optional.empty();
  }

  /** Returns the commit that a folder is at, with {@code -dirty} where files differ from it. */
  public static Optional<String> gitCommit(Path folder) {
    List<String> command =
        List.of("git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*");
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toAbsolutePath().toFile());
    builder.environment().put("GIT_OPTIONAL_LOCKS", "0");
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    try {
      Process git = builder.start();
      git.getOutputStream().close();
      if (!git.waitFor(5, TimeUnit.SECONDS)) {
        git.destroyForcibly();
        return Optional.empty();
      }
      String commit = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return git.exitValue() == 0 ? Optional.of(commit.strip()) : Optional.empty();
    } catch (IOException noGit) {
      return Optional.empty();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
