package dev.lamina.bench.peers;

import dev.lamina.bench.peers.engine.Mode;
import dev.lamina.bench.peers.engine.Network;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command: alternating runs of all engines, a check that they did the same, a table. */
@Command(
    name = "bench/peers/run",
    description =
        "Trains and runs the same network on the same resident batches with the same optimizer in"
            + " each engine, one process per engine, in alternating runs, and prints images/s and"
            + " peak memory.",
    mixinStandardHelpOptions = false,
    usageHelpAutoWidth = true,
    sortOptions = false)
public final class Peers implements Callable<Integer> {
  private static final int FAILED = 1;

  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "Network. Default: ${DEFAULT-VALUE}.")
  private String model = "lenet5";

  @Option(
      names = "--engines",
      split = ",",
      paramLabel = "NAME",
      description = "Engines to run, separated by commas. Default: all there are.")
  private List<String> engines = Engines.names();

  @Option(
      names = "--devices",
      split = ",",
      paramLabel = "NAME",
      description = "Devices of Lamina's to run, each a variant, as cpu,opencl:0. Default: cpu.")
  private List<String> devices = List.of("cpu");

  @Option(
      names = "--modes",
      split = ",",
      paramLabel = "NAME",
      description = "training, inference, or both (the default).")
  private List<Mode> modes = List.of(Mode.values());

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = "Images a batch. Default: ${DEFAULT-VALUE}.")
  private int batchSize = 64;

  @Option(
      names = "--batches",
      paramLabel = "N",
      description = "Different resident batches. Default: ${DEFAULT-VALUE}.")
  private int batches = 16;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of each engine. Default: one per processor.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Runs of each engine, in turn. Default: ${DEFAULT-VALUE}.")
  private int rounds = 3;

  @Option(
      names = "--windows",
      paramLabel = "N",
      description = "Timed windows of a run. Default: ${DEFAULT-VALUE}.")
  private int windows = 5;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Timed seconds of a run, all windows together. Default: 10.")
  private Double seconds;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Timed steps of a run, all windows together, instead of --seconds.")
  private Integer steps;

  @Option(
      names = "--warm-up-seconds",
      paramLabel = "S",
      description = "Untimed seconds before. Default: ${DEFAULT-VALUE}.")
  private double warmUpSeconds = 3;

  @Option(
      names = "--check-steps",
      paramLabel = "N",
      description = "First losses that must agree between engines. Default: ${DEFAULT-VALUE}.")
  private int checkSteps = 20;

  @Option(
      names = "--idle-wait",
      paramLabel = "S",
      description =
          "How long to wait for an idle machine before each run. Default: ${DEFAULT-VALUE}.")
  private double idleWaitSeconds = 120;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of batches and weights. Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(names = "--json", paramLabel = "FILE", description = "Also write every figure there.")
  private Path json;

  @Option(
      names = "--native-cache",
      paramLabel = "DIR",
      required = true,
      hidden = true,
      description = "Where engines unpack native libraries; given by the launcher.")
  private Path nativeCache;

  @Option(names = "--help", usageHelp = true, description = "Show this text.")
  private boolean help;

  Peers() {}

  /** Runs the command and ends the process with its exit code: 0 well, 1 failed, 2 wrong usage. */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new Peers())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler(Peers::explain)
            .execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    Settings settings = settings();
    Comparison comparison = Comparison.of(Host.here(), settings, measure(settings));
    PrintWriter out = spec.commandLine().getOut();
    out.print(Table.of(comparison));
    out.flush();
    if (json != null) {
      Files.writeString(json, Json.document(comparison));
    }
    return comparison.sameWork() ? 0 : FAILED;
  }

  private Settings settings() {
    positive("--batch-size", batchSize);
    positive("--batches", batches);
    positive("--threads", threads);
    positive("--rounds", rounds);
    positive("--windows", windows);
    positive("--seconds", seconds == null ? 10 : seconds);
    positive("--steps", steps == null ? 1 : steps);
    positive("--check-steps", checkSteps);
    if (seconds != null && steps != null) {
      throw usage("--seconds and --steps exclude each other");
    }
    try {
      Network.named(model);
      engines.forEach(Engines::named);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
    return new Settings(
        model,
        batchSize,
        batches,
        seed,
        threads,
        checkSteps,
        warmUpSeconds,
        windows,
        (seconds == null ? 10 : seconds) / windows,
        steps == null ? 0 : Math.max(1, steps / windows));
  }

  private void positive(String option, double value) {
    if (!(value > 0)) {
      throw usage(option + " must be above 0");
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Engines alternate within a round, so that a slow drift of the machine meets all of them. */
  private List<Run> measure(Settings settings) {
    IdleWait idleWait = new IdleWait(idleWaitSeconds);
    WorkerProcess workers = new WorkerProcess(Worker.class);
    List<Run> runs = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      for (Mode mode : modes) {
        for (String engine : engines) {
          for (String variant : Engines.named(engine).variants(mode, devices)) {
            IdleWait.Seen before = idleWait.await();
            WorkerReport report =
                workers.run(
                    new WorkerRequest(
                        engine, variant, mode, nativeCache.toAbsolutePath().toString(), settings));
            runs.add(new Run(round, before, report));
            progress(round, before, report);
          }
        }
      }
    }
    return runs;
  }

  private void progress(int round, IdleWait.Seen before, WorkerReport report) {
    Summary summary = Summary.of(List.of(report)).get(0);
    PrintWriter err = spec.commandLine().getErr();
    err.printf(
        Locale.ROOT,
        "round %d/%d %s: waited %.0f s, machine %.0f %% busy%s; %s %s: %s images/s (median),"
            + " %.0f MB%n",
        round,
        rounds,
        report.mode(),
        before.waitedSeconds(),
        100 * before.busyShare(),
        before.idle() ? "" : " (gave up waiting)",
        report.engine(),
        report.variant(),
        Table.speed(summary.medianImagesPerSecond()),
        report.peakBytes() / 1e6);
    err.flush();
  }

  private static int explain(
      Exception failure, CommandLine commandLine, CommandLine.ParseResult parsed) {
    commandLine.getErr().println("bench/peers: " + failure.getMessage());
    return FAILED;
  }
}
