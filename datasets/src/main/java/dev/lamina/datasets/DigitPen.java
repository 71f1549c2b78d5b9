package dev.lamina.datasets;

import java.util.Arrays;
import java.util.List;

/**
 * Draws one digit after the other: a style, its points moved a little, the curve through them under
 * a random affine map and an elastic distortion, as a stroke with soft edges.
 *
 * <p>The distortion follows Simard, Steinkraus and Platt, "Best practices for convolutional neural
 * networks applied to visual document analysis" (ICDAR 2003): random displacements, smoothed. Here
 * cubic B-splines over a grid smooth them in place of a Gaussian, and they move the curve before it
 * is drawn, so that strokes keep their width and edges.
 *
 * <p>Only plain arithmetic, square roots and {@link StrictMath} are used: every machine draws the
 * same bits. Not thread-safe; one pen per thread.
 */
final class DigitPen {
  static final int SIDE = 28;

  /** Straight pieces between two points of a path. */
  private static final int PIECES = 5;

  /** Pixels between two knots of the distortion; the spline's deviation is this over root 3. */
  private static final int KNOT_PIXELS = 7;

  private static final int KNOTS = SIDE / KNOT_PIXELS + 4;

  private final float[] ink = new float[SIDE * SIDE];
  private final float[] moveX = new float[KNOTS * KNOTS];
  private final float[] moveY = new float[KNOTS * KNOTS];
  private final float[] weightX = new float[4];
  private final float[] weightY = new float[4];

  private float[] pointX = new float[0];
  private float[] pointY = new float[0];

  // Of the affine map from the sheet to pixels.
  private float xx;
  private float xy;
  private float yx;
  private float yy;
  private float originX;
  private float originY;

  // The pen's last place on the image.
  private float lastX;
  private float lastY;
  private float lastRadius;

  /** Draws a digit into {@code SIDE * SIDE} pixels from {@code offset}, row by row. */
  void draw(int digit, Draws draws, byte[] pixels, int offset) {
    Arrays.fill(ink, 0);
    List<DigitStyles.Path> styles = DigitStyles.of(digit);
    DigitStyles.Path path = styles.get(draws.below(styles.size()));
    place(path, draws);
    chooseMap(draws);
    chooseDistortion(draws);
    float radius = draws.between(0.85f, 1.75f);
    float thinning = draws.between(0.7f, 1f);
    int first = 0;
    for (int point = 0; point < path.points(); point++) {
      if (path.end()[point]) {
        stroke(path, first, point, radius, thinning);
        first = point + 1;
      }
    }
    develop(draws, pixels, offset);
  }

  private void place(DigitStyles.Path path, Draws draws) {
    int points = path.points();
    if (pointX.length < points) {
      pointX = new float[points];
      pointY = new float[points];
    }
    for (int i = 0; i < points; i++) {
      pointX[i] = path.x()[i] + 0.027f * draws.bell();
      pointY[i] = path.y()[i] + 0.027f * draws.bell();
    }
  }

  private void chooseMap(Draws draws) {
    float angle = 0.14f * draws.bell();
    float slant = 0.15f + 0.2f * draws.bell();
    float width = 14.5f + 2.2f * draws.bell();
    float height = 19f + 1.7f * draws.bell();
    float cos = (float) StrictMath.cos(angle);
    float sin = (float) StrictMath.sin(angle);
    // Scale, then slant (the top to the right), then rotate.
    xx = cos * width;
    yx = sin * width;
    xy = cos * -slant * height - sin * height;
    yy = sin * -slant * height + cos * height;
    originX = 0.5f * SIDE + 1.3f * draws.bell();
    originY = 0.5f * SIDE + 1.1f * draws.bell();
  }

  private void chooseDistortion(Draws draws) {
    float pixels = draws.between(0.4f, 1.8f);
    for (int i = 0; i < moveX.length; i++) {
      moveX[i] = pixels * draws.bell();
      moveY[i] = pixels * draws.bell();
    }
  }

  /** Draws a Catmull-Rom curve through the points, thinner towards its end. */
  private void stroke(DigitStyles.Path path, int first, int last, float radius, float thinning) {
    boolean[] corner = path.corner();
    int pieces = (last - first) * PIECES;
    moveTo(pointX[first], pointY[first], radius);
    for (int i = first; i < last; i++) {
      int before = i == first || corner[i] ? i : i - 1;
      int after = i + 1 == last || corner[i + 1] ? i + 1 : i + 2;
      for (int piece = 1; piece <= PIECES; piece++) {
        float t = piece / (float) PIECES;
        float done = ((i - first) * PIECES + piece) / (float) pieces;
        lineTo(
            curve(pointX[before], pointX[i], pointX[i + 1], pointX[after], t),
            curve(pointY[before], pointY[i], pointY[i + 1], pointY[after], t),
            radius * (1 + (thinning - 1) * done));
      }
    }
  }

  private static float curve(float before, float from, float to, float after, float t) {
    float a = 2 * from;
    float b = to - before;
    float c = 2 * before - 5 * from + 4 * to - after;
    float d = 3 * (from - to) + after - before;
    return 0.5f * (a + t * (b + t * (c + t * d)));
  }

  private void moveTo(float x, float y, float radius) {
    float mappedX = originX + xx * x + xy * y;
    float mappedY = originY + yx * x + yy * y;
    // A curve may leave the image; the distortion goes on there as at its edge.
    int column = spline(clamp(mappedX, 0, SIDE), weightX);
    int row = spline(clamp(mappedY, 0, SIDE), weightY);
    float byX = 0;
    float byY = 0;
    for (int r = 0; r < 4; r++) {
      for (int c = 0; c < 4; c++) {
        int knot = (row + r) * KNOTS + column + c;
        float weight = weightY[r] * weightX[c];
        byX += weight * moveX[knot];
        byY += weight * moveY[knot];
      }
    }
    lastX = mappedX + byX;
    lastY = mappedY + byY;
    lastRadius = radius;
  }

  /** Fills the four weights of a cubic B-spline and returns the first of its knots. */
  private static int spline(float pixel, float[] weight) {
    float position = pixel / KNOT_PIXELS;
    int knot = (int) position;
    float t = position - knot;
    float s = 1 - t;
    weight[0] = s * s * s / 6;
    weight[1] = (4 + t * t * (3 * t - 6)) / 6;
    weight[2] = (4 + s * s * (3 * s - 6)) / 6;
    weight[3] = t * t * t / 6;
    return knot;
  }

  private void lineTo(float x, float y, float radius) {
    float fromX = lastX;
    float fromY = lastY;
    float fromRadius = lastRadius;
    moveTo(x, y, radius);
    float dx = lastX - fromX;
    float dy = lastY - fromY;
    float squaredLength = dx * dx + dy * dy;
    float reach = Math.max(fromRadius, radius) + 0.5f;
    int top = (int) clamp(Math.min(fromY, lastY) - reach, 0, SIDE);
    int bottom = (int) clamp(Math.max(fromY, lastY) + reach + 1, 0, SIDE);
    int left = (int) clamp(Math.min(fromX, lastX) - reach, 0, SIDE);
    int right = (int) clamp(Math.max(fromX, lastX) + reach + 1, 0, SIDE);
    for (int row = top; row < bottom; row++) {
      for (int column = left; column < right; column++) {
        float px = column + 0.5f - fromX;
        float py = row + 0.5f - fromY;
        float along = squaredLength > 0 ? clamp((px * dx + py * dy) / squaredLength, 0, 1) : 0;
        float ex = px - along * dx;
        float ey = py - along * dy;
        float distance = (float) Math.sqrt(ex * ex + ey * ey);
        float cover = fromRadius + along * (radius - fromRadius) + 0.5f - distance;
        int pixel = row * SIDE + column;
        if (cover > ink[pixel]) {
          ink[pixel] = Math.min(cover, 1);
        }
      }
    }
  }

  /** Turns ink into grey values, under a pressure of the pen and with a little noise. */
  private void develop(Draws draws, byte[] pixels, int offset) {
    float pressure = draws.between(0.7f, 1f) * 255;
    float noise = draws.between(0.02f, 0.12f);
    int random = 0;
    for (int pixel = 0; pixel < ink.length; pixel++) {
      random = pixel % 4 == 0 ? draws.bits() : random >>> 8;
      float value = pressure * ink[pixel] + noise * ((random & 0xFF) - 128);
      pixels[offset + pixel] = (byte) (int) clamp(value, 0, 255);
    }
  }

  private static float clamp(float value, float low, float high) {
    return Math.min(Math.max(value, low), high);
  }
}
