package dev.lamina.cli.train;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.config.UsageException;
import dev.lamina.cli.console.Invocation;
import dev.lamina.cli.run.RunDirectory;
import dev.lamina.train.Checkpoint;
import dev.lamina.train.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Optional;

/**
 * The folder that a run trains into: claimed for a new run, or that of one which goes on.
 *
 * @param record what {@code run.json} will say; not written yet
 * @param checkpoint where the run goes on; empty for a new one
 */
record OpenedRun(RunDirectory directory, RunRecord record, Optional<Checkpoint> checkpoint) {
  /**
   * Opens the folder that is asked for.
   *
   * @throws UsageException if a new one cannot be made, or the old run has nothing left to do
   */
  static OpenedRun of(TrainSession.Request request, TrainingOptions options, Invocation invocation)
      throws IOException {
    return request.resumed().isPresent()
        ? resumed(request.resumed().get(), request, options, invocation)
        : claimed(request, invocation);
  }

  private static OpenedRun resumed(
      RunDirectory directory,
      TrainSession.Request request,
      TrainingOptions options,
      Invocation invocation)
      throws IOException {
    RunRecord record = RunRecord.read(directory);
    record.resume(request.arguments());
    record.put(request.configuration(), invocation.directory());
    return new OpenedRun(directory, record, Optional.of(lastCheckpoint(directory, options)));
  }

  private static OpenedRun claimed(TrainSession.Request request, Invocation invocation)
      throws IOException {
    Configuration configuration = request.configuration();
    String model = configuration.get(TrainSettings.MODEL);
    RunDirectory directory =
        request.out().isPresent()
            ? RunDirectory.createAt(invocation.resolve(request.out().get()))
            : RunDirectory.create(
                invocation.resolve(Path.of("runs")),
                nameOf(model, invocation),
                nameOf(configuration.get(TrainSettings.DATASET), invocation),
                LocalDateTime.now());
    RunRecord record =
        RunRecord.start(directory, request.version(), request.arguments(), invocation.directory());
    record.put(configuration, invocation.directory());
    record.putExperiment(request.experiment());
    if (OwnModels.isSource(model)) {
      Path source = invocation.resolve(Path.of(model));
      Files.copy(source, directory.path().resolve(source.getFileName()));
    }
    return new OpenedRun(directory, record, Optional.empty());
  }

  /** The last part of a folder's or Java file's name, and any other name as it is. */
  private static String nameOf(String named, Invocation invocation) {
    Path name = invocation.resolve(Path.of(named)).normalize().getFileName();
    return name == null ? "pictures" : name.toString().replaceFirst("\\.java$", "");
  }

  private static Checkpoint lastCheckpoint(RunDirectory directory, TrainingOptions options)
      throws IOException {
    Path file = directory.checkpoint(RunDirectory.LAST);
    if (!Files.exists(file)) {
      throw new UsageException(
          directory.path()
              + " has no checkpoint to go on from; start it anew with --config "
              + directory.recordFile());
    }
    Checkpoint checkpoint = Checkpoint.open(file);
    if (checkpoint.position().epoch() >= options.epochs()) {
      throw new UsageException(
          directory.path()
              + " has all its "
              + checkpoint.position().epoch()
              + " epochs; give --epochs to go on");
    }
    int best = checkpoint.position().watch().bestEpoch();
    int since = checkpoint.position().epoch() - best;
    if (options.patience().isPresent() && best > 0 && since >= options.patience().get()) {
      throw new UsageException(
          "%s stopped early, %d epochs after its lowest validation loss; give a larger"
                  .formatted(directory.path(), since)
              + " --early-stopping to go on");
    }
    return checkpoint;
  }
}
