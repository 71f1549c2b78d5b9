package dev.lamina.cli.train;

import dev.lamina.cli.json.Json;
import dev.lamina.cli.run.MetricsLog;
import dev.lamina.cli.run.RunDirectory;
import dev.lamina.train.Checkpoint;
import dev.lamina.train.EpochReport;
import dev.lamina.train.TrainingListener;
import dev.lamina.train.TrainingRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/** Keeps each epoch's figures and the model after it. */
final class RunRecorder implements TrainingListener {
  private final RunDirectory directory;
  private final MetricsLog metrics;

  RunRecorder(RunDirectory directory, MetricsLog metrics) {
    this.directory = directory;
    this.metrics = metrics;
  }

  /** Metrics first: whoever resumes cuts off the lines of epochs that no checkpoint holds. */
  @Override
  public void onEpoch(TrainingRun run, EpochReport report) {
    try {
      metrics.write(
          line(
              report,
              "train",
              report.trainLoss(),
              report.trainAccuracy(),
              report.samplesPerSecond(),
              report.inputWaitFraction(),
              report.learningRate()));
      write(report, "validation", report.validation());
      write(report, "test", report.test());
      Checkpoint.save(directory.checkpoint(RunDirectory.LAST), run);
      if (run.position().watch().bestEpoch() == report.epoch()) {
        Checkpoint.save(directory.checkpoint(RunDirectory.BEST), run);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private void write(EpochReport report, String split, Optional<EpochReport.Evaluation> measured)
      throws IOException {
    if (measured.isPresent()) {
      EpochReport.Evaluation found = measured.get();
      metrics.write(line(report, split, found.loss(), found.accuracy(), null, null, null));
    }
  }

  private static Map<String, Object> line(
      EpochReport report,
      String split,
      double loss,
      double accuracy,
      Double samplesPerSecond,
      Double inputWaitFraction,
      Float learningRate) {
    return Json.object(
        "epoch", report.epoch(),
        "step", report.updates(),
        "split", split,
        "loss", loss,
        "accuracy", accuracy,
        "samples_per_second", samplesPerSecond,
        "input_wait_fraction", inputWaitFraction,
        "lr", learningRate);
  }
}
