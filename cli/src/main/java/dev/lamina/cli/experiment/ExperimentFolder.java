package dev.lamina.cli.experiment;

import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.config.UsageException;
import dev.lamina.cli.experiment.KnownRun.Status;
import dev.lamina.cli.json.Json;
import dev.lamina.cli.run.Figures;
import dev.lamina.cli.run.RunDirectory;
import dev.lamina.cli.train.TrainSession;
import dev.lamina.io.AtomicFile;
import dev.lamina.io.FormatException;
import dev.lamina.io.IoReason;
import dev.lamina.train.Checkpoint;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder of an experiment: a folder for each run, found again by its key, and what they came to
 * together. One process at a time works in it.
 */
final class ExperimentFolder implements AutoCloseable {
  private static final String RECORD = "experiment.json";
  private static final String LOCK = "experiment.lock";

  private final Path path;
  private final Optional<FileChannel> lock;

  private ExperimentFolder(Path path, Optional<FileChannel> lock) {
    this.path = path;
    this.lock = lock;
  }

  /** Looks at a folder, which need not exist, without changing anything. */
  static ExperimentFolder look(Path path) {
    return new ExperimentFolder(path, Optional.empty());
  }

  /**
   * Makes the folder, or goes on in one.
   *
   * @throws UsageException if it holds something else, cannot be made, or another process is at it
   */
  static ExperimentFolder open(Path path) throws IOException {
    try {
      Files.createDirectories(path);
      boolean ours = Files.exists(path.resolve(LOCK));
      if (!ours) {
        try (Stream<Path> content = Files.list(path)) {
          if (content.findAny().isPresent()) {
            throw new UsageException(
                path + " is not empty and holds no experiment; choose another folder with --out");
          }
        }
      }
    } catch (IOException failure) {
      throw new UsageException("cannot make the experiment " + path + ": " + IoReason.of(failure));
    }
    FileChannel channel =
        FileChannel.open(path.resolve(LOCK), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    if (!locked(channel)) {
      channel.close();
      throw new UsageException(
          "another process runs the experiment " + path + "; wait for it or stop it");
    }
    return new ExperimentFolder(path, Optional.of(channel));
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException sameProcess) {
      return false;
    }
  }

  Path path() {
    return path;
  }

  /** Finds out what has become of a run. */
  KnownRun find(PlannedRun run) throws IOException {
    Optional<Path> folder = folderOf(run);
    if (folder.isEmpty() || !Files.isRegularFile(folder.get().resolve("run.json"))) {
      return KnownRun.PLANNED;
    }
    String name = folder.get().getFileName().toString();
    RunDirectory directory = RunDirectory.open(folder.get());
    try {
      Optional<Map<String, Object>> summary = directory.summary();
      String ended = summary.map(tree -> String.valueOf(tree.get("status"))).orElse("");
      if (TrainSession.ENDED.contains(ended)) {
        Map<String, Object> evaluation = directory.evaluation().orElse(Map.of());
        return new KnownRun(Status.FINISHED, name, Figures.of(summary.get(), evaluation));
      }
      if (ended.equals("diverged")) {
        return new KnownRun(Status.DIVERGED, name, Map.of());
      }
      return hasCheckpoint(directory, run)
          ? new KnownRun(Status.STOPPED, name, Map.of())
          : KnownRun.PLANNED;
    } catch (FormatException damaged) {
      // What cannot be read is made again.
      return KnownRun.PLANNED;
    }
  }

  /** A run stopped behind its last epoch has nothing to go on with. */
  private static boolean hasCheckpoint(RunDirectory directory, PlannedRun run) throws IOException {
    Path file = directory.checkpoint("last");
    return Files.exists(file)
        && Checkpoint.open(file).position().epoch() < run.configuration().get(TrainSettings.EPOCHS);
  }

  private Optional<Path> folderOf(PlannedRun run) throws IOException {
    if (!Files.isDirectory(path)) {
      return Optional.empty();
    }
    String end = "-" + run.key();
    try (Stream<Path> content = Files.list(path)) {
      return content
          .filter(Files::isDirectory)
          .filter(folder -> folder.getFileName().toString().endsWith(end))
          .sorted()
          .findFirst();
    }
  }

  /** Returns the folder in which to begin a run; what an earlier beginning left is taken away. */
  Path clean(PlannedRun run) throws IOException {
    Optional<Path> earlier = folderOf(run);
    if (earlier.isPresent()) {
      List<Path> content;
      try (Stream<Path> found = Files.walk(earlier.get())) {
        content = found.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path file : content) {
        Files.delete(file);
      }
    }
    return path.resolve(run.folderName());
  }

  /** Writes, or replaces, what the runs came to. */
  void write(String file, String content) throws IOException {
    AtomicFile.write(path.resolve(file), content.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes, or replaces, the record that pages are made of. */
  void writeRecord(Map<String, Object> record) throws IOException {
    write(RECORD, Json.document(record) + "\n");
  }

  @Override
  public void close() throws IOException {
    if (lock.isPresent()) {
      lock.get().close();
    }
  }
}
