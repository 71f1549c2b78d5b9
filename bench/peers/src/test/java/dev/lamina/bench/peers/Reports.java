package dev.lamina.bench.peers;

import dev.lamina.bench.peers.engine.Mode;
import java.util.Arrays;
import java.util.List;

/** Reports as workers would send them. */
final class Reports {
  private Reports() {}

  static WorkerReport training(String variant, float... losses) {
    return new WorkerReport(
        "engine",
        "1.0",
        variant,
        Mode.TRAINING,
        losses,
        losses[losses.length - 1],
        losses.length,
        List.of(window(64, 1)),
        1000);
  }

  static WorkerReport inference(String variant, float... probabilities) {
    return new WorkerReport(
        "engine",
        "1.0",
        variant,
        Mode.INFERENCE,
        probabilities,
        null,
        1,
        List.of(window(64, 1)),
        1000);
  }

  static WorkerReport measured(String variant, long peakBytes, Window... windows) {
    return new WorkerReport(
        "engine",
        "1.0",
        variant,
        Mode.TRAINING,
        new float[] {2, 1},
        1f,
        2,
        Arrays.asList(windows),
        peakBytes);
  }

  static Window window(long images, double seconds) {
    return new Window(1, images, seconds, null, 0);
  }
}
