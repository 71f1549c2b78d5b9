package dev.lamina.exec;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceLostException;
import dev.lamina.device.DeviceTuning;
import dev.lamina.device.DeviceTuning.Found;
import dev.lamina.device.Launch;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Phase;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Replay;
import dev.lamina.device.Way;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Looks for the fastest way to run a call on a device that can be tuned, and keeps it there.
 *
 * <p>From the usual way it goes to the best neighbour as long as that gains. Each way is checked
 * before it is timed, on whole numbers so small that every order of summation gives the same: all
 * it computes must equal what the usual way computes, and that a sample of elements summed by the
 * definition. One way must beat the usual one by {@link #LEAST_GAIN} when both are timed again.
 *
 * <p>Whoever tunes holds {@link Device#turn()}.
 */
public final class Tuner {
  /** What counts as faster; less is noise. */
  static final double LEAST_GAIN = 0.03;

  private static final int MOST_MOVES = 6;

  /** Times that the usual way and the best are timed in turn. */
  private static final int ROUNDS = 3;

  /** Elements of an output that are summed by the definition. */
  private static final int SAMPLES = 200;

  /** Inputs are whole numbers from minus this to this. */
  private static final int LARGEST = 3;

  private static final long SEED = 20261121;

  /**
   * What was found for a call.
   *
   * @param usual name of the usual way
   * @param found the best way and both times
   * @param tried how many ways were timed; 0 if an earlier process did
   * @param refused ways that failed or computed something else, and how
   */
  public record Result(OpCall call, String usual, Found found, int tried, List<String> refused) {
    /** Copies the list. */
    public Result {
      refused = List.copyOf(refused);
    }
  }

  private final Device device;
  private final DeviceTuning tuning;
  private final BooleanSupplier cancelled;

  /**
   * Makes a tuner.
   *
   * @param cancelled asked between trials; once true, what has been found of a call is left
   * @throws DeviceException if the device cannot be tuned
   */
  public Tuner(Device device, BooleanSupplier cancelled) {
    this.device = device;
    this.tuning =
        device
            .tuning()
            .orElseThrow(
                () ->
                    new DeviceException(
                        device.info().name()
                            + " needs no tuning: it times what it offers when a plan is made, and"
                            + " remembers the best; lamina tune --device opencl:0 is for OpenCL"));
    this.cancelled = cancelled;
  }

  /** Returns the file that keeps what is found. */
  public Path file() {
    return tuning.file();
  }

  /** Says whether there is anything to try for a call. */
  public boolean covers(OpCall call) {
    return SpotReference.knows(call.op()) && tuning.covers(call);
  }

  /**
   * Returns the best way for a call, looked for unless it is known; empty if cancelled meanwhile.
   *
   * @param again whether to look for it though it is known
   * @throws DeviceException if the usual way fails or computes something wrong
   * @throws DeviceLostException if the device is gone, by whatever way
   * @throws IOException if the result cannot be kept
   */
  public Optional<Result> tune(OpCall call, boolean again) throws IOException {
    Way usual = tuning.usual(call);
    Optional<Found> known = tuning.found(call);
    if (known.isPresent() && !again) {
      return Optional.of(new Result(call, usual.implementation(), known.get(), 0, List.of()));
    }
    List<float[]> inputs = inputs(call);
    List<ByteBuffer> expected = run(call, usual, inputs);
    check(call, usual, inputs, expected);
    Stopwatch stopwatch = new Stopwatch(device);
    Way best = usual;
    long least = stopwatch.nanos(call, usual);
    Set<String> tried = new HashSet<>(Set.of(usual.implementation()));
    // A neighbour that cannot be is told of from each of its neighbours.
    Set<String> refused = new LinkedHashSet<>();
    for (int move = 0; move < MOST_MOVES; move++) {
      Way from = best;
      for (Way way : tuning.neighbours(call, from, refused::add)) {
        if (!tried.add(way.implementation())) {
          continue;
        }
        Optional<String> wrong = fault(call, way, inputs, expected, stopwatch);
        // What cancels may have made it fail, so this is asked afterwards.
        if (cancelled.getAsBoolean()) {
          return Optional.empty();
        }
        if (wrong.isPresent()) {
          refused.add(way.implementation() + ": " + wrong.get());
          continue;
        }
        long nanos = stopwatch.nanos(call, way);
        if (nanos < least) {
          least = nanos;
          best = way;
        }
      }
      if (best == from) {
        break;
      }
    }
    Found found = confirmed(call, usual, best, refused::add);
    tuning.keep(call, found);
    return Optional.of(
        new Result(call, usual.implementation(), found, tried.size(), List.copyOf(refused)));
  }

  /** Times both in turn, so that what disturbs one disturbs the other. */
  private Found confirmed(OpCall call, Way usual, Way best, Consumer<String> refused) {
    long usualNanos = Long.MAX_VALUE;
    long bestNanos = Long.MAX_VALUE;
    boolean other = best != usual;
    for (int round = 0; round < ROUNDS; round++) {
      usualNanos = Math.min(usualNanos, new Stopwatch(device).nanos(call, usual));
      if (other) {
        Stopwatch stopwatch = new Stopwatch(device);
        Optional<String> failure = failure(() -> stopwatch.nanos(call, best));
        if (failure.isPresent()) {
          refused.accept(best.implementation() + ": " + failure.get());
          other = false;
        } else {
          bestNanos = Math.min(bestNanos, stopwatch.nanos(call, best));
        }
      }
    }
    return other && bestNanos < usualNanos * (1 - LEAST_GAIN)
        ? new Found(best.implementation(), bestNanos, usualNanos)
        : new Found(usual.implementation(), usualNanos, usualNanos);
  }

  /**
   * Says what is wrong with a way; empty if nothing is, and then the stopwatch knows its time
   * unless somebody cancelled.
   */
  private Optional<String> fault(
      OpCall call, Way way, List<float[]> inputs, List<ByteBuffer> expected, Stopwatch stopwatch) {
    List<ByteBuffer> actual = new ArrayList<>();
    return failure(() -> actual.addAll(run(call, way, inputs)))
        .or(() -> difference(expected, actual))
        .or(
            () ->
                cancelled.getAsBoolean()
                    ? Optional.empty()
                    : failure(() -> stopwatch.nanos(call, way)));
  }

  /** Says how a trial of one way fails; empty if it does not. A lost device fails all trials. */
  private static Optional<String> failure(Runnable trial) {
    try {
      trial.run();
      return Optional.empty();
    } catch (DeviceLostException gone) {
      throw gone;
    } catch (DeviceException | UnsupportedOpException failed) {
      return Optional.of(failed.getMessage().lines().findFirst().orElse("it fails"));
    }
  }

  private static Optional<String> difference(List<ByteBuffer> expected, List<ByteBuffer> actual) {
    for (int output = 0; output < expected.size(); output++) {
      int place = expected.get(output).mismatch(actual.get(output));
      if (place >= 0) {
        int at = place / Float.BYTES;
        return Optional.of(
            "element %d of output %d is %s, not %s"
                .formatted(
                    at,
                    output,
                    actual.get(output).getFloat(at * Float.BYTES),
                    expected.get(output).getFloat(at * Float.BYTES)));
      }
    }
    return Optional.empty();
  }

  /** Holds some elements of every output to the definition. */
  private void check(OpCall call, Way way, List<float[]> inputs, List<ByteBuffer> outputs) {
    SpotReference reference = new SpotReference(call, inputs);
    SplittableRandom random = new SplittableRandom(SEED);
    for (int output = 0; output < outputs.size(); output++) {
      int elements = Math.toIntExact(call.outputs().get(output).elements());
      for (int sample = 0; sample < SAMPLES; sample++) {
        int at = sample == 0 ? elements - 1 : random.nextInt(elements);
        float actual = outputs.get(output).getFloat(at * Float.BYTES);
        double wanted = reference.element(output, at);
        if (actual != wanted) {
          throw new DeviceException(
              "%s computes %s wrong as %s: element %d of output %d is %s, not %s; its driver is not"
                      .formatted(
                          device.info().name(),
                          call,
                          way.implementation(),
                          at,
                          output,
                          actual,
                          wanted)
                  + " fit for training");
        }
      }
    }
  }

  private static List<float[]> inputs(OpCall call) {
    SplittableRandom random = new SplittableRandom(SEED);
    List<float[]> inputs = new ArrayList<>();
    for (TensorSpec spec : call.inputs()) {
      float[] values = new float[Math.toIntExact(spec.elements())];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextInt(2 * LARGEST + 1) - LARGEST;
      }
      inputs.add(values);
    }
    return inputs;
  }

  /** Runs a call once; zeros are made equal, since -0 and 0 are one number. */
  private List<ByteBuffer> run(OpCall call, Way way, List<float[]> inputs) {
    try (DeviceArena arena = device.arena("tuning");
        PreparedOp prepared = device.prepare(call, way)) {
      List<DeviceBuffer> from = new ArrayList<>();
      for (int i = 0; i < inputs.size(); i++) {
        float[] values = inputs.get(i);
        ByteBuffer bytes = host(4L * values.length);
        bytes.asFloatBuffer().put(values);
        DeviceBuffer buffer = arena.allocate("input " + i, bytes.capacity());
        device.compute().upload(bytes, buffer);
        from.add(buffer);
      }
      List<DeviceBuffer> to = new ArrayList<>();
      for (Layout layout : way.outputs()) {
        to.add(arena.allocate("output " + to.size(), layout.bytes()));
      }
      long scratch = prepared.workspaceBytes();
      Launch launch =
          prepared.bind(from, to, scratch == 0 ? null : arena.allocate("workspace", scratch));
      try (Replay replay = device.record(List.of(new Phase("trial", List.of(List.of(launch)))))) {
        device.compute().launch(replay);
        device.compute().sync();
      }
      return to.stream().map(this::download).toList();
    }
  }

  private ByteBuffer download(DeviceBuffer buffer) {
    ByteBuffer bytes = host(buffer.bytes());
    device.compute().download(buffer, bytes);
    device.compute().sync();
    bytes.rewind();
    for (int i = 0; i < bytes.capacity(); i += Float.BYTES) {
      bytes.putFloat(i, bytes.getFloat(i) + 0.0f);
    }
    return bytes;
  }

  private static ByteBuffer host(long bytes) {
    return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
  }
}
