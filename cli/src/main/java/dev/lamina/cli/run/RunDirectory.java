package dev.lamina.cli.run;

import dev.lamina.cli.config.UsageException;
import dev.lamina.cli.json.Json;
import dev.lamina.io.AtomicFile;
import dev.lamina.io.FormatException;
import dev.lamina.io.IoReason;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * The folder of one run: {@code run.json} (what it was told and stands on), {@code metrics.jsonl},
 * {@code summary.json}, {@code evaluation.json} and {@code checkpoints/}. A folder belongs to one
 * run for ever: making one fails where there is one.
 */
public final class RunDirectory {
  /** Name of the checkpoint after the last epoch. */
  public static final String LAST = "last";

  /** Name of the checkpoint after the epoch with the lowest validation loss. */
  public static final String BEST = "best";

  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");
  private static final String CHECKPOINTS = "checkpoints";
  private static final String RECORD = "run.json";
  private static final String SUMMARY = "summary.json";
  private static final String EVALUATION = "evaluation.json";

  private final Path path;
  private final boolean ownFolder;

  private RunDirectory(Path path, boolean ownFolder) {
    this.path = path;
    this.ownFolder = ownFolder;
  }

  /**
   * Makes a folder {@code MODEL-DATA-TIME-XXXX}; two runs at once get two folders.
   *
   * @param parent folder of all runs, made if it is missing
   * @throws UsageException if it cannot be made
   */
  public static RunDirectory create(Path parent, String model, String dataset, LocalDateTime time) {
    try {
      Files.createDirectories(parent);
      while (true) {
        String random = String.format("%04x", ThreadLocalRandom.current().nextInt(1 << 16));
        Path path = parent.resolve(String.join("-", model, dataset, TIME.format(time), random));
        try {
          Files.createDirectory(path);
        } catch (FileAlreadyExistsException taken) {
          continue;
        }
        Files.createDirectory(path.resolve(CHECKPOINTS));
        return new RunDirectory(path, true);
      }
    } catch (IOException failure) {
      throw cannotMake("a run in " + parent, failure);
    }
  }

  /**
   * Makes a folder of the user's choice, or takes an empty one.
   *
   * @throws UsageException if it holds anything or cannot be made
   */
  public static RunDirectory createAt(Path path) {
    boolean made = false;
    try {
      if (Files.exists(path.resolve(RECORD))) {
        throw new UsageException(
            path
                + " already holds a run; choose another folder, or go on with it by --resume "
                + path);
      }
      if (path.toAbsolutePath().getParent() != null) {
        Files.createDirectories(path.toAbsolutePath().getParent());
      }
      try {
        Files.createDirectory(path);
        made = true;
      } catch (FileAlreadyExistsException exists) {
        requireEmpty(path);
      }
      // Of two runs that found the same empty folder, one fails here.
      Files.createDirectory(path.resolve(CHECKPOINTS));
      return new RunDirectory(path, made);
    } catch (IOException failure) {
      throw cannotMake("the run " + path, failure);
    }
  }

  /**
   * Opens the folder of an earlier run.
   *
   * @throws UsageException if it is not one
   */
  public static RunDirectory open(Path path) {
    if (!Files.isRegularFile(path.resolve(RECORD))) {
      String what = Files.isDirectory(path) ? "has no " + RECORD : "is no folder";
      throw new UsageException(path + " is not a run: it " + what);
    }
    return new RunDirectory(path, false);
  }

  private static void requireEmpty(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      throw new UsageException(path + " is a file, not a folder for a run");
    }
    try (Stream<Path> content = Files.list(path)) {
      if (content.findAny().isPresent()) {
        throw new UsageException(path + " is not empty; choose another folder for the run");
      }
    }
  }

  private static UsageException cannotMake(String what, IOException failure) {
    String where = failure instanceof FileAlreadyExistsException file ? file.getFile() + ": " : "";
    return new UsageException("cannot make " + what + ": " + where + IoReason.of(failure));
  }

  /** Returns the folder. */
  public Path path() {
    return path;
  }

  /** Returns the file of a checkpoint: {@link #LAST}, or {@link #BEST} where a run keeps one. */
  public Path checkpoint(String name) {
    return path.resolve(CHECKPOINTS).resolve(name + ".safetensors");
  }

  /** Returns the file of the metrics. */
  public Path metrics() {
    return path.resolve("metrics.jsonl");
  }

  /** Returns the file of the record. */
  public Path recordFile() {
    return path.resolve(RECORD);
  }

  /** Reads what the run was told and stands on. */
  public Map<String, Object> record() throws IOException {
    return read(recordFile());
  }

  /** Writes, or replaces, what the run was told and stands on. */
  public void writeRecord(Map<String, Object> record) throws IOException {
    write(recordFile(), record);
  }

  /** Reads what the run came to, if it has ended. */
  public Optional<Map<String, Object>> summary() throws IOException {
    Path file = path.resolve(SUMMARY);
    return Files.exists(file) ? Optional.of(read(file)) : Optional.empty();
  }

  /** Writes, or replaces, what the run came to. */
  public void writeSummary(Map<String, Object> summary) throws IOException {
    write(path.resolve(SUMMARY), summary);
  }

  /** Reads what the run's model was found to do on the test data, if it was looked at. */
  public Optional<Map<String, Object>> evaluation() throws IOException {
    Path file = path.resolve(EVALUATION);
    return Files.exists(file) ? Optional.of(read(file)) : Optional.empty();
  }

  /** Writes, or replaces, what the run's model does on the test data. */
  public void writeEvaluation(Map<String, Object> evaluation) throws IOException {
    // On one line: a matrix of a thousand classes has a million numbers.
    AtomicFile.write(
        path.resolve(EVALUATION), (Json.line(evaluation) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Takes away a run that was just made and has not taken a step. */
  public void discard() throws IOException {
    List<Path> content;
    try (Stream<Path> found = Files.walk(path)) {
      content = found.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : content) {
      if (ownFolder || !file.equals(path)) {
        Files.delete(file);
      }
    }
  }

  private static void write(Path file, Map<String, Object> tree) throws IOException {
    AtomicFile.write(file, (Json.document(tree) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, Object> read(Path file) throws IOException {
    try {
      return Json.readObject(Files.readString(file));
    } catch (FormatException | MalformedInputException damaged) {
      throw new FormatException(file + " is damaged: " + damaged.getMessage(), damaged);
    } catch (IOException unreadable) {
      throw new IOException("cannot read " + file + ": " + IoReason.of(unreadable), unreadable);
    }
  }
}
