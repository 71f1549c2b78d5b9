package dev.lamina.cli.train;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.config.Setting;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.config.UsageException;
import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Invocation;
import dev.lamina.cli.console.Quantities;
import dev.lamina.cli.report.Report;
import dev.lamina.cli.run.MetricsLog;
import dev.lamina.cli.run.RunDirectory;
import dev.lamina.data.DataException;
import dev.lamina.data.DataSplits;
import dev.lamina.datasets.DatasetDescription;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceException;
import dev.lamina.device.Devices;
import dev.lamina.exec.ChoiceStore;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.graph.Graph;
import dev.lamina.graph.Loss;
import dev.lamina.io.IoReason;
import dev.lamina.train.Checkpoint;
import dev.lamina.train.DivergedException;
import dev.lamina.train.Evaluator;
import dev.lamina.train.Position;
import dev.lamina.train.PretrainedWeights;
import dev.lamina.train.Trainer;
import dev.lamina.train.TrainingOptions;
import dev.lamina.train.TrainingResult;
import dev.lamina.train.TrainingRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One training run of the command line, from settings to summary. Used once, by one thread.
 *
 * <p>A new run claims its folder before anything expensive, and leaves none behind if it fails
 * before its first step.
 */
public final class TrainSession {
  /**
   * What to run.
   *
   * @param configuration all settings
   * @param out folder for a new run; empty for one under {@code runs}
   * @param resumed the run that goes on; empty for a new one
   * @param like the run whose recorded choices are used
   * @param explainPlan whether to print the plan of a step
   * @param profiledSteps steps to be timed task by task once training has ended; 0 for none
   * @param version of the program, for the record
   * @param arguments of the command line, for the record
   * @param experiment what the record says of the experiment that the run belongs to; empty for
   *     none
   */
  public record Request(
      Configuration configuration,
      Optional<Path> out,
      Optional<RunDirectory> resumed,
      Optional<RunDirectory> like,
      boolean explainPlan,
      int profiledSteps,
      String version,
      List<String> arguments,
      Map<String, Object> experiment) {}

  /**
   * How it ended.
   *
   * @param interrupted whether the user stopped it
   * @param summary the content of {@code summary.json}
   * @param directory the run's folder; empty if nothing is kept
   */
  public record Outcome(
      boolean interrupted, Map<String, Object> summary, Optional<Path> directory) {}

  /** What the summary's status says of runs that came to their end. */
  public static final List<String> ENDED = List.of("finished", "stopped early", "out of time");

  private final Invocation invocation;
  private final Console console;
  private final Request request;
  private final Setup setup;
  private final Announcement announcement;
  private final TrainingOptions options;
  private final ThroughputMeter throughput = new ThroughputMeter(System::nanoTime);
  private RunDirectory directory;
  private RunRecord record;
  private Summary summary;
  private ChoiceStore remembered;
  private volatile boolean started;
  private volatile boolean stopping;
  private volatile TrainingRun running;

  /** Makes the session. */
  public TrainSession(Invocation invocation, Console console, Request request) {
    this.invocation = invocation;
    this.console = console;
    this.request = request;
    this.setup = new Setup(request.configuration(), invocation, console);
    this.announcement = new Announcement(console, request.configuration());
    this.options = setup.options();
  }

  /**
   * Finds out whether a configuration can be trained, without data and device.
   *
   * @throws UsageException or another exception that says why it cannot
   */
  public static void check(Configuration configuration, Invocation invocation, Console console) {
    Setup setup = new Setup(configuration, invocation, console);
    setup.options();
    setup.graph();
  }

  /** Returns what is known of a run's data set before it is opened. */
  public static DatasetDescription dataOf(
      Configuration configuration, Invocation invocation, Console console) {
    return new Setup(configuration, invocation, console).description();
  }

  /** Reads the settings of a run that is to go on, with what the command line changes. */
  public static Configuration configurationOf(RunDirectory resumed, Map<Setting<?>, String> flags)
      throws IOException {
    return Configuration.resume(
        resumed.recordFile(), RunRecord.read(resumed).configuration(), flags);
  }

  /**
   * Trains.
   *
   * @throws DivergedException if the loss is no longer finite; the last checkpoint is kept
   */
  public Outcome run() throws IOException {
    setup.graph();
    Devices.Selection selection = setup.device();
    OpenedRun opened = OpenedRun.of(request, options, invocation);
    directory = opened.directory();
    record = opened.record();
    Optional<Checkpoint> checkpoint = opened.checkpoint();
    Interrupts interrupts = Interrupts.handle(this::interrupt);
    int epoch = checkpoint.map(Checkpoint::position).orElse(Position.START).epoch();
    try (MetricsLog metrics = MetricsLog.open(directory.metrics(), epoch)) {
      return onDevice(selection, checkpoint, metrics);
    } catch (IOException | RuntimeException | Error failure) {
      try {
        cleanUp(failure);
      } catch (IOException second) {
        failure.addSuppressed(second);
      }
      throw failure;
    } finally {
      interrupts.close();
    }
  }

  private Outcome onDevice(
      Devices.Selection selection, Optional<Checkpoint> checkpoint, MetricsLog metrics)
      throws IOException {
    try (Device device = setup.open(selection)) {
      announcement.device(selection, device);
      DataSplits data = setup.data();
      if (request.resumed().isPresent()) {
        record.requireSame(data);
        record.samples().ifPresent(setup::normalizeAs);
      }
      Setup.Samples samples = setup.samples(data);
      Graph graph = setup.graph(data);
      announcement.run(data, samples, graph, directory.path());
      remembered = ChoiceStore.of(invocation.cacheFolder(), device, graph);
      Choices choices = choices(device);
      record.put(selection, device, data, samples.train(), graph);
      try (Model model = Model.create(device, graph, options.seed(), choices)) {
        summary = new Summary(request.configuration(), graph, directory);
        Loss loss = setup.loss(samples.train());
        TrainingResult result = train(model, samples, loss, checkpoint, metrics);
        if (!result.cancelled() && !setup.isDryRun()) {
          measure(model, samples, loss, result.position().epoch());
        }
        keep(model.choices());
        Outcome outcome = finish(result);
        if (request.profiledSteps() > 0 && !result.cancelled() && !stopping) {
          profile(model, samples, loss);
        }
        return new Outcome(result.cancelled() || stopping, outcome.summary(), outcome.directory());
      }
    }
  }

  /** Measures the trained model; Ctrl-C leaves out what is not done, and the run has ended. */
  private void measure(Model model, Setup.Samples samples, Loss loss, int epoch)
      throws IOException {
    try (Evaluator evaluator = new Evaluator(model, samples.train(), loss)) {
      console.status("measuring on the training data");
      evaluator.evaluate(() -> stopping).ifPresent(summary::trained);
    }
    if (stopping) {
      return;
    }
    console.status("looking at the answers on the test data");
    directory.writeEvaluation(
        EvaluationRecord.of(
            samples.test(),
            epoch,
            summary.testAccuracy(),
            summary.testLoss(),
            Evaluation.predict(model, samples.test())));
  }

  private TrainingResult train(
      Model model,
      Setup.Samples samples,
      Loss loss,
      Optional<Checkpoint> checkpoint,
      MetricsLog metrics)
      throws IOException {
    try (TrainingRun run =
        Trainer.start(
            model,
            samples.train(),
            samples.validation(),
            Optional.of(samples.test()),
            options.withLoss(loss))) {
      if (checkpoint.isPresent()) {
        restore(checkpoint.get(), run);
      }
      Optional<Path> init = request.configuration().find(TrainSettings.INIT);
      if (checkpoint.isEmpty() && init.isPresent()) {
        announcement.begin(PretrainedWeights.load(invocation.resolve(init.get()), model));
      }
      summary.deviceBytes(run.bytesInUse());
      keep(model.choices());
      if (request.explainPlan()) {
        run.plan().explain().lines().forEach(console::result);
        run.evaluationPlan().ifPresent(plan -> plan.explain().lines().forEach(console::result));
      }
      running = run;
      started = true;
      long start = System.nanoTime();
      TrainingResult result;
      try {
        result =
            run.run(
                throughput,
                new RunRecorder(directory, metrics),
                new ProgressDisplay(console, System::nanoTime));
      } finally {
        running = null;
        summary.seconds((System.nanoTime() - start) * 1e-9);
      }
      summary.ended(result, throughput.samplesPerSecond());
      if (result.cancelled()) {
        Checkpoint.save(directory.checkpoint(RunDirectory.LAST), run);
      }
      return result;
    }
  }

  /** A profile that cannot be made or written takes nothing from the run. */
  private void profile(Model model, Setup.Samples samples, Loss loss) {
    console.status("timing the tasks of a step");
    try (TrainingRun run = StepProfile.start(model, samples.train(), options.withLoss(loss))) {
      running = run;
      if (stopping) {
        return;
      }
      if (StepProfile.write(run, request.profiledSteps(), directory.path())) {
        console.info("profile   " + directory.path().resolve(StepProfile.TABLE));
      }
    } catch (IOException unwritable) {
      console.warn("no profile: " + IoReason.of(unwritable));
    } catch (DeviceException | DataException failure) {
      console.warn("no profile: " + failure.getMessage());
    } finally {
      running = null;
    }
  }

  /** Choices of another run stay that run's. */
  private void keep(Choices choices) throws IOException {
    record.put(choices);
    directory.writeRecord(record.tree());
    if (request.like().isEmpty() && request.resumed().isEmpty()) {
      remembered.save(choices);
    }
  }

  private static void restore(Checkpoint checkpoint, TrainingRun run) throws IOException {
    try {
      checkpoint.restore(run);
    } catch (IllegalArgumentException misfit) {
      throw new UsageException(misfit.getMessage());
    }
  }

  private Choices choices(Device device) throws IOException {
    if (request.like().isPresent()) {
      return RunRecord.choicesOf(request.like().get(), device);
    }
    if (request.resumed().isEmpty()) {
      return remembered.load();
    }
    RunRecord earlier = RunRecord.read(directory);
    if (earlier.isOn(device)) {
      return earlier.choices();
    }
    console.warn(
        "the run began on "
            + earlier.device()
            + "; on "
            + device.fingerprint()
            + " it will not end in the same bits");
    return remembered.load();
  }

  private Outcome finish(TrainingResult result) throws IOException {
    if (setup.isDryRun() && !result.cancelled()) {
      long bytes = Files.size(directory.checkpoint(RunDirectory.LAST));
      directory.discard();
      console.result(
          "dry run: a training step, a test batch and a checkpoint of %s work; nothing is kept"
              .formatted(Quantities.bytes(bytes)));
      return new Outcome(false, summary.tree("dry run"), Optional.empty());
    }
    Map<String, Object> tree = summary.tree(status(result.ending()));
    directory.writeSummary(tree);
    report();
    switch (result.ending()) {
      case CANCELLED ->
          console.result("interrupted; go on with: lamina train --resume " + directory.path());
      case STOPPED_EARLY ->
          console.info(
              "stopped early: %d epochs without a lower validation loss"
                  .formatted(options.patience().orElseThrow()));
      case OUT_OF_TIME ->
          console.info(
              "time is up; go on with: lamina train --max-time TIME --resume " + directory.path());
      case FINISHED -> {}
    }
    if (!result.cancelled()) {
      console.result(summary.line());
      console.info("run       " + directory.path());
    }
    return new Outcome(result.cancelled(), tree, Optional.of(directory.path()));
  }

  private static String status(TrainingResult.Ending ending) {
    return switch (ending) {
      case FINISHED -> "finished";
      case STOPPED_EARLY -> "stopped early";
      case OUT_OF_TIME -> "out of time";
      case CANCELLED -> "interrupted";
    };
  }

  /** A page that cannot be written takes nothing from the run. */
  private void report() {
    try {
      console.info("report    " + Report.write(directory));
    } catch (IOException unwritable) {
      console.warn("no report: " + IoReason.of(unwritable));
    }
  }

  /** Says what became of the run, or takes away what has not become one. */
  private void cleanUp(Throwable failure) throws IOException {
    if (started) {
      String status = failure instanceof DivergedException ? "diverged" : "failed";
      directory.writeSummary(summary.tree(status));
      report();
      console.info("run       " + directory.path() + " (" + status + ")");
    } else if (request.resumed().isEmpty()) {
      directory.discard();
    }
  }

  /** Runs on the signal's thread. */
  private void interrupt() {
    if (started) {
      stopping = true;
      TrainingRun run = running;
      if (run != null) {
        run.cancel();
      }
      console.warn(
          run == null
              ? "leaving out what is still to be measured; once more stops at once"
              : "stopping after this step; once more stops at once");
      return;
    }
    try {
      if (request.resumed().isEmpty()) {
        directory.discard();
      }
    } catch (IOException leftBehind) {
      console.warn(directory.path() + " could not be taken away: " + leftBehind.getMessage());
    }
    Runtime.getRuntime().halt(Interrupts.INTERRUPTED);
  }
}
