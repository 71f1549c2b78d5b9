package dev.lamina.cli.train;

import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Quantities;
import dev.lamina.train.EpochReport;
import dev.lamina.train.Progress;
import dev.lamina.train.TrainingListener;
import dev.lamina.train.TrainingRun;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Shows people how a run gets on: a line for each epoch, and in between one line that is redrawn on
 * a terminal, or a plain one now and then where there is none.
 */
final class ProgressDisplay implements TrainingListener {
  private static final long PLAIN_NANOS = 30_000_000_000L;

  private final Console console;
  private final LongSupplier nanoTime;
  private long started;
  private double doneAtStart;
  private long lastPlain;

  /**
   * Makes the display of one run.
   *
   * @param nanoTime as {@link System#nanoTime()}
   */
  ProgressDisplay(Console console, LongSupplier nanoTime) {
    this.console = console;
    this.nanoTime = nanoTime;
  }

  @Override
  public void onStart(TrainingRun run) {
    start(run.position().epoch());
  }

  void start(int epochsDone) {
    started = nanoTime.getAsLong();
    lastPlain = started;
    doneAtStart = epochsDone;
  }

  @Override
  public void onProgress(TrainingRun run, Progress progress) {
    progress(progress);
  }

  void progress(Progress progress) {
    long now = nanoTime.getAsLong();
    String line = line(progress, now);
    if (console.isTerminal()) {
      console.status(fitting(line));
    } else if (now - lastPlain > PLAIN_NANOS) {
      lastPlain = now;
      console.progress(line);
    }
  }

  private String line(Progress progress, long now) {
    double done = progress.epoch() - 1 + (double) progress.batch() / progress.batches();
    double left = (now - started) * 1e-9 * (progress.epochs() - done) / (done - doneAtStart);
    String figures =
        progress.samplesPerSecond() > 0
            ? "  loss %s  accuracy %s  %s samples/s"
                .formatted(
                    Quantities.loss(progress.loss()),
                    Quantities.percent(progress.accuracy()),
                    Quantities.count(Math.round(progress.samplesPerSecond())))
            : "";
    return "%s  batch %d/%d%s  left %s"
        .formatted(
            epoch(progress.epoch(), progress.epochs()),
            progress.batch(),
            progress.batches(),
            figures,
            Quantities.duration(left));
  }

  @Override
  public void onEpoch(TrainingRun run, EpochReport report) {
    epoch(report, run.options().epochs());
  }

  void epoch(EpochReport report, int epochs) {
    lastPlain = nanoTime.getAsLong();
    String measured = measured("validation", report.validation()) + measured("test", report.test());
    String rate =
        Double.isNaN(report.samplesPerSecond())
            ? ""
            : "  %s samples/s".formatted(Quantities.count(Math.round(report.samplesPerSecond())));
    String line =
        "%s  loss %s  accuracy %s%s%s"
            .formatted(
                epoch(report.epoch(), epochs),
                Quantities.loss(report.trainLoss()),
                Quantities.percent(report.trainAccuracy()),
                measured,
                rate);
    console.progress(fitting(line));
  }

  private static String measured(String split, Optional<EpochReport.Evaluation> figures) {
    return figures
        .map(
            found ->
                "  %s loss %s  accuracy %s"
                    .formatted(
                        split, Quantities.loss(found.loss()), Quantities.percent(found.accuracy())))
        .orElse("");
  }

  /** Shortens a line that would wrap. */
  private String fitting(String line) {
    if (line.length() < console.columns()) {
      return line;
    }
    String shorter =
        line.replace("validation", "val").replace("accuracy", "acc").replace(" samples/s", "/s");
    return shorter.length() < console.columns() ? shorter : shorter.replace("  ", " ");
  }

  private static String epoch(int epoch, int epochs) {
    String last = Integer.toString(epochs);
    return "epoch "
        + " ".repeat(last.length() - Integer.toString(epoch).length())
        + epoch
        + "/"
        + last;
  }
}
