package dev.lamina.datasets;

/**
 * What becomes of the pictures in a folder.
 *
 * @param height rows of a sample; the middle of a picture with its proportions is scaled to it
 * @param width columns of a sample
 * @param grey whether samples have one channel of brightness in place of three of colour
 * @param testShare part of each class that is kept for testing where the folder has no test
 *     pictures of its own; above 0 and below 1
 */
public record ImageOptions(int height, int width, boolean grey, double testShare) {
  /** Checks the values. */
  public ImageOptions {
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "samples must be of at least 1x1, not " + height + "x" + width);
    }
    if (!(testShare > 0 && testShare < 1)) {
      throw new IllegalArgumentException(
          "the share for testing must be above 0 and below 1, not " + testShare);
    }
  }

  /** Returns coloured samples of 64x64, a fifth of them for testing. */
  public static ImageOptions defaults() {
    return new ImageOptions(64, 64, false, 0.2);
  }
}
