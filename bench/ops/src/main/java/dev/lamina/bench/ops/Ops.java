package dev.lamina.bench.ops;

import dev.lamina.bench.ops.Report.Place;
import dev.lamina.bench.ops.Result.Measured;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceInfo;
import dev.lamina.device.Devices;
import dev.lamina.io.AtomicFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command: each op of the lists in turn, on one device or alternating on two, a table. */
@Command(
    name = "bench/ops/run",
    description =
        "Times the ops of training steps, one by one, at the shapes that models have, on a device,"
            + " and beside it on another; prints time, rates and the share of the measured peak.",
    mixinStandardHelpOptions = false,
    usageHelpAutoWidth = true,
    sortOptions = false)
public final class Ops implements Callable<Integer> {
  private static final int FAILED = 1;
  private static final long NANOS_PER_MILLI = 1_000_000;

  @Spec private CommandSpec spec;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description = "Device to measure. Default: ${DEFAULT-VALUE}.")
  private String device = "cpu";

  @Option(
      names = "--against",
      paramLabel = "NAME",
      description = "Another device, which runs the same in turn, in the same process.")
  private String against;

  @Option(
      names = "--ways",
      paramLabel = "REGEX",
      description = "Only implementations of the device whose name has this in it.")
  private Pattern ways = Rig.ANY;

  @Option(
      names = "--against-ways",
      paramLabel = "REGEX",
      description =
          "The same for the other device: ^(?!avx2:) leaves out code that the CPU device generates,"
              + " so that what remains is oneDNN's.")
  private Pattern againstWays = Rig.ANY;

  @Option(
      names = "--lists",
      split = ",",
      paramLabel = "NAME",
      description = "Shape lists: models of the catalogue, and odd. Default: ${DEFAULT-VALUE}.")
  private List<String> lists = List.of("lenet5", "cifar-alexnet", "cifar-resnet18", "odd");

  @Option(
      names = "--ops",
      paramLabel = "REGEX",
      description = "Only ops whose name or place has this in it, for example ^conv2d.")
  private Pattern ops = Pattern.compile("");

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = "Rows of a model's batch. Default: ${DEFAULT-VALUE}.")
  private int batchSize = 64;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Windows of each call on each device, in turn. Default: ${DEFAULT-VALUE}.")
  private int rounds = 5;

  @Option(
      names = "--window-millis",
      paramLabel = "MS",
      description = "Length of a window; three runs at least. Default: ${DEFAULT-VALUE}.")
  private int windowMillis = 50;

  @Option(names = "--json", paramLabel = "FILE", description = "Also write every figure there.")
  private Path json;

  @Option(names = "--help", usageHelp = true, description = "Show this text.")
  private boolean help;

  Ops() {}

  /** Runs the command and ends the process with its exit code: 0 well, 1 failed, 2 wrong usage. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Ops()).setExecutionExceptionHandler(Ops::explain);
  }

  @Override
  public Integer call() throws IOException {
    positive("--batch-size", batchSize);
    positive("--rounds", rounds);
    positive("--window-millis", windowMillis);
    Report report;
    try (Device own = Devices.open(device);
        Device other = against == null ? null : Devices.open(against)) {
      report = measure(new Rig(own), other == null ? null : new Rig(other));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(Table.of(report));
    out.flush();
    if (json != null) {
      AtomicFile.write(json, Json.document(report).getBytes(StandardCharsets.UTF_8));
    }
    return 0;
  }

  private void positive(String option, int value) {
    if (value < 1) {
      throw new ParameterException(spec.commandLine(), option + " must be above 0");
    }
  }

  private Report measure(Rig own, Rig other) {
    List<Case> cases = cases(lanes(own, other));
    Peak ownPeak = inTurn(own, () -> Peak.of(own));
    Peak otherPeak = other == null ? ownPeak : inTurn(other, () -> Peak.of(other));
    if (other != null && sameHardware(own.device().info(), other.device().info())) {
      ownPeak = ownPeak.or(otherPeak);
      otherPeak = ownPeak;
    }
    List<Result> results = new ArrayList<>();
    for (Case each : cases) {
      results.add(measure(each, own, ownPeak, other, otherPeak));
    }
    return new Report(
        Place.of(own.device().info(), ownPeak),
        other == null ? null : Place.of(other.device().info(), otherPeak),
        batchSize,
        results);
  }

  private List<Case> cases(int lanes) {
    List<Case> cases =
        lists.stream()
            .flatMap(name -> ShapeList.of(name, batchSize, lanes).stream())
            .filter(each -> matches(each.call().op().name()) || matches(each.place()))
            .toList();
    if (cases.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "no op of " + lists + " matches --ops " + ops);
    }
    return cases;
  }

  private boolean matches(String name) {
    return ops.matcher(name).find();
  }

  /** Only a device of one kind has lanes: the other then sees the same shapes as one call. */
  private static int lanes(Rig own, Rig other) {
    return Math.max(own.device().maxLanes(), other == null ? 1 : other.device().maxLanes());
  }

  /** On one machine, what counts as a CPU is the same CPU. */
  private static boolean sameHardware(DeviceInfo one, DeviceInfo two) {
    return one.kind() == DeviceInfo.Kind.CPU && two.kind() == DeviceInfo.Kind.CPU;
  }

  private Result measure(Case given, Rig own, Peak ownPeak, Rig other, Peak otherPeak) {
    Optional<Subject> first = inTurn(own, () -> own.ready(given, ways));
    Optional<Subject> second =
        other == null ? Optional.empty() : inTurn(other, () -> other.ready(given, againstWays));
    try {
      for (int round = 0; round < rounds; round++) {
        first.ifPresent(subject -> window(own, subject));
        second.ifPresent(subject -> window(other, subject));
      }
      var cost = given.call().cost();
      return new Result(
          given.list(),
          given.place(),
          given.times(),
          given.call().op().name(),
          given.shapes(),
          cost.flops(),
          cost.bytes(),
          first.map(subject -> Measured.of(subject, cost, ownPeak)).orElse(null),
          second.map(subject -> Measured.of(subject, cost, otherPeak)).orElse(null));
    } finally {
      first.ifPresent(subject -> close(own, subject));
      second.ifPresent(subject -> close(other, subject));
    }
  }

  private void window(Rig rig, Subject subject) {
    inTurn(
        rig,
        () -> {
          subject.measure(windowMillis * NANOS_PER_MILLI);
          return null;
        });
  }

  private static void close(Rig rig, Subject subject) {
    inTurn(
        rig,
        () -> {
          subject.close();
          return null;
        });
  }

  private static <T> T inTurn(Rig rig, Supplier<T> work) {
    rig.device().turn().lock();
    try {
      return work.get();
    } finally {
      rig.device().turn().unlock();
    }
  }

  private static int explain(
      Exception failure, CommandLine commandLine, CommandLine.ParseResult parsed) {
    commandLine.getErr().println("bench/ops: " + failure.getMessage());
    return FAILED;
  }
}
