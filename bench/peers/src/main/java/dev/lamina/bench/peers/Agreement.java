package dev.lamina.bench.peers;

import dev.lamina.bench.peers.engine.Mode;
import java.util.List;

/**
 * Whether all runs of a mode computed the same numbers: a comparison of different work is
 * worthless.
 *
 * @param mode whose runs were compared
 * @param largestDifference largest deviation of any run from the first, relative to the largest
 *     value of the first
 * @param limit what is accepted
 * @param problem what is wrong, or null
 */
record Agreement(Mode mode, double largestDifference, double limit, String problem) {
  /**
   * Float rounding differs between engines by some 1e-7 an operation and grows over the steps; an
   * error in the work (no momentum, another learning rate, a shifted window) moves the losses by
   * more than 1e-2.
   */
  private static final double TRAINING_LIMIT = 1e-3;

  private static final double INFERENCE_LIMIT = 1e-4;

  /** By how many limits the curve must fall, or equal losses would mean little. */
  private static final double TELLING = 20;

  boolean holds() {
    return problem == null;
  }

  /**
   * Compares the evidence of runs.
   *
   * @param reports all of {@code mode}, at least one
   */
  static Agreement of(Mode mode, List<WorkerReport> reports) {
    double limit = mode == Mode.TRAINING ? TRAINING_LIMIT : INFERENCE_LIMIT;
    WorkerReport first = reports.get(0);
    float[] expected = first.evidence();
    double scale = 0;
    for (float value : expected) {
      scale = Math.max(scale, Math.abs(value));
    }
    if (!(scale > 0 && Double.isFinite(scale))) {
      return new Agreement(mode, 0, limit, name(first) + " computed no finite numbers");
    }
    if (mode == Mode.TRAINING) {
      double fall = (expected[0] - expected[expected.length - 1]) / scale;
      if (!(fall > TELLING * limit)) {
        return new Agreement(
            mode,
            0,
            limit,
            name(first)
                + " does not learn: losses from "
                + expected[0]
                + " to "
                + expected[expected.length - 1]
                + "; more --check-steps may help");
      }
    }
    double largest = 0;
    for (WorkerReport report : reports) {
      if (mode == Mode.TRAINING && !(report.lastLoss() < expected[0])) {
        return new Agreement(
            mode, 0, limit, name(report) + " ended at a loss of " + report.lastLoss());
      }
      if (report.evidence().length != expected.length) {
        return new Agreement(
            mode,
            0,
            limit,
            name(report) + " computed another number of values than " + name(first));
      }
      for (int i = 0; i < expected.length; i++) {
        double difference = Math.abs(report.evidence()[i] - expected[i]) / scale;
        if (!(difference <= limit)) {
          return new Agreement(mode, difference, limit, apart(first, report, i));
        }
        largest = Math.max(largest, difference);
      }
    }
    return new Agreement(mode, largest, limit, null);
  }

  private static String apart(WorkerReport first, WorkerReport other, int index) {
    return name(other)
        + " and "
        + name(first)
        + " part at "
        + (first.mode() == Mode.TRAINING ? "the loss of step " : "probability ")
        + index
        + ": "
        + other.evidence()[index]
        + " against "
        + first.evidence()[index];
  }

  private static String name(WorkerReport report) {
    return report.engine() + "/" + report.variant();
  }
}
