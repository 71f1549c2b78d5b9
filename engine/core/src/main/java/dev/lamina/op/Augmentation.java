package dev.lamina.op;

import dev.lamina.tensor.ShapeException;

/**
 * How samples are varied in training; start from {@link #NONE}.
 *
 * @param flip whether every second sample, by chance, is mirrored left to right
 * @param crop pixels of black that are added on each side before a piece of the old size is cut out
 *     anywhere; 0 for none
 * @param rotation largest angle in degrees, either way, about the centre; at most 45, 0 for none
 * @param cutout side of a square, with its centre anywhere, that is painted over (DeVries and
 *     Taylor, 2017); 0 for none
 * @param brightness largest relative change of all values; at most 1, 0 for none
 * @param contrast largest relative change of the distance from middle grey; at most 1, 0 for none
 * @param saturation largest relative change of the distance from grey; at most 1, 0 for none
 */
public record Augmentation(
    boolean flip,
    int crop,
    int rotation,
    int cutout,
    float brightness,
    float contrast,
    float saturation) {
  /** Samples as they are. */
  public static final Augmentation NONE = new Augmentation(false, 0, 0, 0, 0, 0, 0);

  /** Largest angle in degrees: beyond it the sine's series is not exact enough. */
  public static final int MOST_ROTATION = 45;

  /** Fixed-point one of angles, sines and positions. */
  private static final int ONE = 1 << 16;

  /** Checks the values. */
  public Augmentation {
    if (crop < 0 || cutout < 0 || rotation < 0 || rotation > MOST_ROTATION) {
      throw new ShapeException(
          "augmentation: crop %d and cutout %d must not be negative, rotation %d from 0 to %d"
              .formatted(crop, cutout, rotation, MOST_ROTATION));
    }
    for (float jitter : new float[] {brightness, contrast, saturation}) {
      if (!(jitter >= 0 && jitter <= 1)) {
        throw new ShapeException(
            "augmentation: brightness %s, contrast %s, saturation %s must be from 0 to 1"
                .formatted(brightness, contrast, saturation));
      }
    }
  }

  /** Returns whether nothing is varied. */
  public boolean isNone() {
    return equals(NONE);
  }

  /** Returns the largest angle in radians, in units of 1/65536. */
  public int mostRadians() {
    return (int) Math.round(Math.toRadians(rotation) * ONE);
  }

  /** Returns a jitter's largest change in units of 1/256. */
  public static int span(float jitter) {
    return Math.round(jitter * 256);
  }

  /**
   * Returns the sine of an angle of at most 45 degrees in units of 1/65536, by the first terms of
   * its series in whole numbers, so that it is the same on every device.
   */
  public static long sine(long radians) {
    long square = radians * radians / ONE;
    long third = radians * square / ONE;
    long fifth = third * square / ONE;
    long seventh = fifth * square / ONE;
    return radians - third / 6 + fifth / 120 - seventh / 5040;
  }

  /** Returns the cosine, as {@link #sine} does. */
  public static long cosine(long radians) {
    long square = radians * radians / ONE;
    long fourth = square * square / ONE;
    long sixth = fourth * square / ONE;
    long eighth = sixth * square / ONE;
    return ONE - square / 2 + fourth / 24 - sixth / 720 + eighth / 40320;
  }
}
