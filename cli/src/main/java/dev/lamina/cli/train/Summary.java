package dev.lamina.cli.train;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.console.Quantities;
import dev.lamina.cli.json.Json;
import dev.lamina.cli.run.RunDirectory;
import dev.lamina.cli.run.Surroundings;
import dev.lamina.graph.Graph;
import dev.lamina.metric.Tally;
import dev.lamina.train.EpochReport;
import dev.lamina.train.TrainingResult;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** The content of a run's {@code summary.json}: what it came to. */
final class Summary {
  private static final int SCHEMA = 1;
  private static final String SECONDS = "seconds";

  private final Configuration configuration;
  private final long parameters;
  private final double secondsBefore;
  private double seconds;
  private long deviceBytes;
  private int epochs;
  private long updates;
  private double samplesPerSecond = Double.NaN;
  private double testLoss = Double.NaN;
  private double testAccuracy = Double.NaN;
  private double validationLoss = Double.NaN;
  private double validationAccuracy = Double.NaN;
  private int bestEpoch;
  private double bestTestAccuracy = Double.NaN;
  private double trainLoss = Double.NaN;
  private double trainAccuracy = Double.NaN;

  /** Starts from what an interrupted run has taken before. */
  Summary(Configuration configuration, Graph graph, RunDirectory directory) throws IOException {
    this.configuration = configuration;
    this.parameters = graph.parameterCount();
    Object before = directory.summary().map(earlier -> earlier.get(SECONDS)).orElse(null);
    this.secondsBefore = before instanceof Number number ? number.doubleValue() : 0;
  }

  void deviceBytes(long bytes) {
    deviceBytes = bytes;
  }

  void seconds(double ofTraining) {
    seconds = secondsBefore + ofTraining;
  }

  void ended(TrainingResult result, double rate) {
    epochs = result.position().epoch();
    updates = result.position().updates();
    samplesPerSecond = rate;
    List<EpochReport> reports = result.epochs();
    if (!reports.isEmpty()) {
      EpochReport last = reports.get(reports.size() - 1);
      testLoss = last.test().map(EpochReport.Evaluation::loss).orElse(Double.NaN);
      testAccuracy = last.test().map(EpochReport.Evaluation::accuracy).orElse(Double.NaN);
      validationLoss = last.validation().map(EpochReport.Evaluation::loss).orElse(Double.NaN);
      validationAccuracy =
          last.validation().map(EpochReport.Evaluation::accuracy).orElse(Double.NaN);
    }
    bestEpoch = result.position().watch().bestEpoch();
    for (EpochReport report : reports) {
      if (report.epoch() == bestEpoch) {
        bestTestAccuracy = report.test().map(EpochReport.Evaluation::accuracy).orElse(Double.NaN);
      }
    }
  }

  /** Takes what the trained model came to on the training data. */
  void trained(Tally tally) {
    trainLoss = tally.loss();
    trainAccuracy = tally.accuracy();
  }

  double testAccuracy() {
    return testAccuracy;
  }

  double testLoss() {
    return testLoss;
  }

  String line() {
    String best =
        bestEpoch == 0
            ? ""
            : "lowest validation loss after epoch %d, test accuracy %s; "
                .formatted(bestEpoch, Quantities.percent(bestTestAccuracy));
    return best
        + "test accuracy %s, loss %s; training accuracy %s; %s samples/s; %s"
            .formatted(
                Quantities.percent(testAccuracy),
                Quantities.loss(testLoss),
                Quantities.percent(trainAccuracy),
                Double.isFinite(samplesPerSecond)
                    ? Quantities.count(Math.round(samplesPerSecond))
                    : "-",
                Quantities.duration(seconds));
  }

  Map<String, Object> tree(String status) {
    return Json.object(
        "schema",
        SCHEMA,
        "status",
        status,
        "model",
        configuration.get(TrainSettings.MODEL),
        "dataset",
        configuration.get(TrainSettings.DATASET),
        "epochs",
        epochs,
        "updates",
        updates,
        "train_accuracy",
        trainAccuracy,
        "train_loss",
        trainLoss,
        "validation_accuracy",
        validationAccuracy,
        "validation_loss",
        validationLoss,
        "best_epoch",
        bestEpoch == 0 ? null : bestEpoch,
        "best_test_accuracy",
        bestTestAccuracy,
        "test_accuracy",
        testAccuracy,
        "test_loss",
        testLoss,
        "samples_per_second",
        samplesPerSecond,
        SECONDS,
        seconds,
        "peak_rss_bytes",
        Surroundings.peakResidentBytes().orElse(null),
        "device_bytes",
        deviceBytes,
        "parameters",
        parameters);
  }
}
