package dev.lamina.bench.peers;

import java.io.Serializable;

/**
 * One timed stretch of steps.
 *
 * @param steps how many batches
 * @param images how many images
 * @param seconds how long they took
 * @param updateSeconds of these, spent in optimizer updates; null if not timed apart
 * @param othersShare share of the machine that went to other processes meanwhile, 0 to 1
 */
record Window(int steps, long images, double seconds, Double updateSeconds, double othersShare)
    implements Serializable {

  /** Up to this share of others, a window counts: the clock ticks of both counts differ by less. */
  private static final double TOLERATED_SHARE = 0.05;

  /** Says whether other processes left the machine alone. */
  boolean undisturbed() {
    return othersShare <= TOLERATED_SHARE;
  }

  double imagesPerSecond() {
    return images / seconds;
  }

  /** Returns what it would be if updates took no time; equal where they are not timed apart. */
  double imagesPerSecondWithoutUpdate() {
    return updateSeconds == null ? imagesPerSecond() : images / (seconds - updateSeconds);
  }
}
