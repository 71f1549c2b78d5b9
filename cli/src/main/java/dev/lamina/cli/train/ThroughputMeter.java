package dev.lamina.cli.train;

import dev.lamina.train.EpochReport;
import dev.lamina.train.Progress;
import dev.lamina.train.TrainingListener;
import dev.lamina.train.TrainingRun;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Finds a run's samples per second: the median epoch, input included, first epoch and evaluation
 * excluded; with one epoch only, that epoch less its first {@value #WARM_UP} steps.
 */
final class ThroughputMeter implements TrainingListener {
  private static final int WARM_UP = 20;

  private final LongSupplier nanoTime;
  private final List<Double> epochs = new ArrayList<>();
  private long started;
  private int firstBatch;
  private int firstEpoch;
  private long warmRows = -1;
  private double warmSeconds;
  private double afterWarmUp = Double.NaN;

  /**
   * Makes the meter of one run.
   *
   * @param nanoTime as {@link System#nanoTime()}
   */
  ThroughputMeter(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  @Override
  public void onStart(TrainingRun run) {
    start(run.position().epoch() + 1, run.position().batch());
  }

  void start(int epoch, int batch) {
    started = nanoTime.getAsLong();
    firstEpoch = epoch;
    firstBatch = batch;
  }

  @Override
  public void onProgress(TrainingRun run, Progress progress) {
    progress(progress, run.options().batchSize());
  }

  void progress(Progress progress, int batchSize) {
    int batches = progress.batch() - firstBatch;
    if (warmRows < 0 && progress.epoch() == firstEpoch && batches >= WARM_UP) {
      warmRows = (long) batches * batchSize;
      warmSeconds = (nanoTime.getAsLong() - started) * 1e-9;
    }
  }

  @Override
  public void onEpoch(TrainingRun run, EpochReport report) {
    epoch(report);
  }

  void epoch(EpochReport report) {
    if (Double.isNaN(report.samplesPerSecond())) {
      return;
    }
    epochs.add(report.samplesPerSecond());
    if (epochs.size() == 1 && warmRows >= 0) {
      double rows = report.samplesPerSecond() * report.seconds();
      double rate = (rows - warmRows) / (report.seconds() - warmSeconds);
      afterWarmUp = rate > 0 ? rate : Double.NaN;
    }
  }

  /** Returns the figure; NaN before the first epoch is over. */
  double samplesPerSecond() {
    if (epochs.size() <= 1) {
      double whole = epochs.isEmpty() ? Double.NaN : epochs.get(0);
      return Double.isFinite(afterWarmUp) ? afterWarmUp : whole;
    }
    double[] counted = epochs.stream().skip(1).mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = counted.length / 2;
    return counted.length % 2 == 1 ? counted[middle] : (counted[middle - 1] + counted[middle]) / 2;
  }
}
