package dev.lamina.bench.peers;

import dev.lamina.bench.peers.engine.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** Warms a session up and times windows of its steps. */
final class Measurement {
  /** A window that goes by time is made of about as many calls; the clock is read between them. */
  private static final int CHUNKS_PER_WINDOW = 20;

  private final Session session;
  private final Settings settings;
  private final Supplier<OptionalLong> updateNanos;

  private int warmUpSteps;

  /**
   * Makes a measurement.
   *
   * @param updateNanos the session's total update time so far
   */
  Measurement(Session session, Settings settings, Supplier<OptionalLong> updateNanos) {
    this.session = session;
    this.settings = settings;
    this.updateNanos = updateNanos;
  }

  /** Runs untimed steps, then all windows. */
  List<Window> run() {
    double stepsPerSecond = warmUp();
    int chunk = (int) Math.max(1, stepsPerSecond * settings.windowSeconds() / CHUNKS_PER_WINDOW);
    List<Window> windows = new ArrayList<>();
    for (int i = 0; i < settings.windows(); i++) {
      windows.add(window(settings.windowSteps() > 0 ? settings.windowSteps() : chunk));
    }
    return windows;
  }

  int warmUpSteps() {
    return warmUpSteps;
  }

  /**
   * Runs ever longer stretches until the warm-up time has passed, and returns the rate of the last:
   * the compiler is done with the step by then.
   */
  private double warmUp() {
    long begin = System.nanoTime();
    int steps = 1;
    while (true) {
      double seconds = secondsOf(steps);
      warmUpSteps += steps;
      if ((System.nanoTime() - begin) / 1e9 >= settings.warmUpSeconds()) {
        return steps / seconds;
      }
      steps *= 2;
    }
  }

  /** Runs {@code chunk} steps, and as often again as the window's time asks for. */
  private Window window(int chunk) {
    OptionalLong updateBefore = updateNanos.get();
    CpuTimes before = CpuTimes.now();
    int steps = 0;
    double seconds = 0;
    do {
      seconds += secondsOf(chunk);
      steps += chunk;
    } while (settings.windowSteps() == 0 && seconds < settings.windowSeconds());
    CpuTimes after = CpuTimes.now();
    Double updateSeconds =
        updateBefore.isEmpty()
            ? null
            : (updateNanos.get().orElseThrow() - updateBefore.getAsLong()) / 1e9;
    return new Window(
        steps,
        (long) steps * settings.batchSize(),
        seconds,
        updateSeconds,
        after.othersShareSince(before));
  }

  private double secondsOf(int steps) {
    long begin = System.nanoTime();
    session.run(steps);
    return (System.nanoTime() - begin) / 1e9;
  }
}
