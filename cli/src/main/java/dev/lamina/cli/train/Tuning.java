package dev.lamina.cli.train;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Invocation;
import dev.lamina.cli.console.Table;
import dev.lamina.cli.json.Json;
import dev.lamina.data.SampleSpec;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.DeviceTuning.Found;
import dev.lamina.device.Devices;
import dev.lamina.device.OpCall;
import dev.lamina.exec.Tuner;
import dev.lamina.graph.Graph;
import dev.lamina.graph.Node;
import dev.lamina.graph.StepGraph;
import dev.lamina.graph.StepGraph.Feed;
import dev.lamina.graph.StepGraph.Purpose;
import dev.lamina.graph.Value;
import dev.lamina.op.StepTable;
import dev.lamina.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/** Tunes a device for the products and convolutions of networks, and prints what that gained. */
public final class Tuning {
  /** What calls of a step do not depend on. */
  private static final int SLOTS = 4;

  private final Invocation invocation;
  private final Console console;
  private final List<String> passedOver = new ArrayList<>();
  private final Set<OpCall> calls = new LinkedHashSet<>();
  private final AtomicBoolean cancelled = new AtomicBoolean();

  /** Makes a tuning without any calls. */
  public Tuning(Invocation invocation, Console console) {
    this.invocation = invocation;
    this.console = console;
  }

  /**
   * Adds the calls of a network's training step and of its evaluation.
   *
   * @throws dev.lamina.tensor.ShapeException if samples of the data set are too small for it
   */
  public void add(Configuration configuration) {
    Setup setup = new Setup(configuration, invocation, console);
    SampleSpec samples = setup.description().spec();
    Graph graph = setup.graph();
    int size = setup.options().batchSize();
    int rest = setup.description().trainSize() % size;
    for (int batch : rest == 0 ? List.of(size) : List.of(size, rest)) {
      for (Purpose purpose : List.of(Purpose.TRAINING, Purpose.EVALUATION)) {
        StepGraph step = StepGraph.of(graph, feed(samples, batch), purpose, 0, batch, batch);
        for (Node node : step.graph().nodes()) {
          TensorSpec[] inputs = node.inputs().stream().map(Value::spec).toArray(TensorSpec[]::new);
          calls.add(OpCall.of(node.op(), 1, inputs));
        }
      }
    }
  }

  /** Notes a network that samples of the data set are too small for, so that people are told. */
  public void passOver(String network) {
    passedOver.add(network);
  }

  private static Feed feed(SampleSpec samples, int batch) {
    TensorSpec source = new TensorSpec(samples.type(), samples.batch(batch));
    List<Float> middle = Collections.nCopies(samples.channels(), 0.5f);
    return new Feed(source, 1, middle, middle, StepTable.spec(SLOTS, batch));
  }

  /**
   * Looks for the best way of each call; Ctrl-C ends it with what was found so far.
   *
   * @param deviceName as users type it
   * @param again whether to look anew for what was found earlier
   * @return whether nobody interrupted
   * @throws dev.lamina.device.DeviceException if the device cannot be opened or tuned
   */
  public boolean run(String deviceName, boolean again) throws IOException {
    List<Tuner.Result> results = new ArrayList<>();
    Interrupts interrupts = Interrupts.handle(() -> cancelled.set(true));
    try (Device device = Devices.open(deviceName, DeviceOptions.defaults())) {
      device.turn().lock();
      try {
        Tuner tuner = new Tuner(device, cancelled::get);
        if (!passedOver.isEmpty()) {
          console.info(
              "Passed over, since its samples are too small for them: "
                  + String.join(", ", passedOver));
        }
        List<OpCall> covered = calls.stream().filter(tuner::covers).toList();
        console.info(
            "Tuning %s %s: %d products and convolutions. Ctrl-C keeps what was found."
                .formatted(device.info().name(), device.info().description(), covered.size()));
        for (OpCall call : covered) {
          if (cancelled.get()) {
            break;
          }
          console.status(
              "%d of %d: %s %s"
                  .formatted(results.size() + 1, covered.size(), call.op().name(), shape(call)));
          Optional<Tuner.Result> result = tune(tuner, call, again, interrupts);
          if (result.isEmpty()) {
            break;
          }
          results.add(result.get());
        }
        report(device, tuner, results, covered.size());
      } finally {
        device.turn().unlock();
      }
    } finally {
      interrupts.close();
    }
    return !cancelled.get();
  }

  /**
   * A driver's compiler may fail by the signal that interrupts: LLVM within the process takes its
   * temporary files away at the first one, then hands it on.
   */
  private static Optional<Tuner.Result> tune(
      Tuner tuner, OpCall call, boolean again, Interrupts interrupts) throws IOException {
    try {
      return tuner.tune(call, again);
    } catch (DeviceException failed) {
      if (interrupts.isReceivedSoon()) {
        return Optional.empty();
      }
      throw failed;
    }
  }

  private void report(Device device, Tuner tuner, List<Tuner.Result> results, int wanted) {
    if (console.json()) {
      console.document(
          Json.object(
              "device",
              device.info().name(),
              "description",
              device.info().description(),
              "libraries",
              device.info().libraries(),
              "file",
              tuner.file().toString(),
              "interrupted",
              cancelled.get(),
              "calls",
              results.stream().map(Tuning::json).toList()));
      return;
    }
    Table table = new Table("OP", "SHAPE", ">USUAL", ">BEST", ">GAIN", "WAY");
    for (Tuner.Result result : results) {
      Found found = result.found();
      table.row(
          result.call().op().name(),
          shape(result.call()),
          milliseconds(found.usualNanos()),
          milliseconds(found.nanos()),
          found.way().equals(result.usual()) ? "-" : "%.2fx".formatted(gain(found)),
          found.way());
    }
    table.print(console);
    for (Tuner.Result result : results) {
      result.refused().forEach(why -> console.warn(result.call().op().name() + " refused " + why));
    }
    long known = results.stream().filter(result -> result.tried() == 0).count();
    if (known > 0) {
      console.info(known + " of them were found earlier and are used; --again looks anew.");
    }
    console.info(
        results.size() + " of " + wanted + " are kept in " + tuner.file() + " for new runs.");
  }

  private static Map<String, Object> json(Tuner.Result result) {
    Found found = result.found();
    return Json.object(
        "op",
        result.call().op().name(),
        "call",
        result.call().toString(),
        "usual",
        result.usual(),
        "usual_seconds",
        found.usualNanos() * 1e-9,
        "best",
        found.way(),
        "best_seconds",
        found.nanos() * 1e-9,
        "gain",
        gain(found),
        "tried",
        result.tried(),
        "found_earlier",
        result.tried() == 0,
        "refused",
        result.refused());
  }

  private static double gain(Found found) {
    return (double) found.usualNanos() / found.nanos();
  }

  private static String milliseconds(long nanos) {
    return String.format(Locale.ROOT, "%.3f ms", nanos * 1e-6);
  }

  private static String shape(OpCall call) {
    return call.inputs().stream()
        .map(spec -> spec.shape().toString())
        .collect(Collectors.joining(" "));
  }
}
