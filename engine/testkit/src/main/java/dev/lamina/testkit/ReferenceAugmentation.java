package dev.lamina.testkit;

import dev.lamina.op.AugmentSamples;
import dev.lamina.op.Augmentation;
import dev.lamina.op.NormalizeSamples;
import dev.lamina.op.StepTable;
import dev.lamina.random.Philox;
import java.util.List;

/** Samples varied pixel by pixel, in whole numbers, as the op's record says. */
final class ReferenceAugmentation {
  private ReferenceAugmentation() {}

  static void augment(AugmentSamples op, List<HostTensor> inputs, List<HostTensor> outputs) {
    HostTensor tables = inputs.get(1);
    HostTensor cursor = inputs.get(2);
    Philox random = Philox.ofKey(ReferenceSteps.wide(tables, cursor, StepTable.RANDOM_KEY));
    long step = ReferenceSteps.integer(tables, cursor, StepTable.STEP) & 0xFFFFFFFFL;
    int sample = inputs.get(0).values().length / inputs.get(0).size(0);
    for (int row = 0; row < op.rows(); row++) {
      int index = ReferenceSteps.integer(tables, cursor, StepTable.INDICES + op.firstRow() + row);
      Draws draws =
          new Draws(random, AugmentSamples.STREAM << Integer.SIZE | step, op.firstRow() + row);
      Picture picture = new Picture(inputs.get(0), index * sample);
      int at = row * sample;
      for (int c = 0; c < picture.channels; c++) {
        for (int y = 0; y < picture.height; y++) {
          for (int x = 0; x < picture.width; x++) {
            outputs.get(0).values()[at++] = pixel(op, draws, picture, c, y, x);
          }
        }
      }
    }
  }

  /** The random words of a row. */
  private record Draws(Philox random, long step, long row) {
    int bits(int word) {
      return random.bits(step, row * AugmentSamples.WORDS + word);
    }

    int below(int bound, int word) {
      return random.below(bound, step, row * AugmentSamples.WORDS + word);
    }

    /** A number from {@code -most} to {@code most}. */
    int around(int most, int word) {
      return below(2 * most + 1, word) - most;
    }
  }

  /** One sample of the source. */
  private static final class Picture {
    private final HostTensor source;
    private final int first;
    private final int channels;
    private final int height;
    private final int width;

    Picture(HostTensor source, int first) {
      this.source = source;
      this.first = first;
      channels = source.size(1);
      height = source.size(2);
      width = source.size(3);
    }

    int at(int c, long y, long x) {
      boolean inside = y >= 0 && y < height && x >= 0 && x < width;
      return inside ? (int) source.at(first + (c * height + (int) y) * width + (int) x) : 0;
    }
  }

  private static int pixel(
      AugmentSamples op, Draws draws, Picture picture, int channel, int y, int x) {
    Augmentation how = op.augmentation();
    int top = draws.below(picture.height, AugmentSamples.CUTOUT_Y) - how.cutout() / 2;
    int left = draws.below(picture.width, AugmentSamples.CUTOUT_X) - how.cutout() / 2;
    if (y >= top && y < top + how.cutout() && x >= left && x < left + how.cutout()) {
      return op.fill().get(channel);
    }
    boolean mirrored = how.flip() && draws.bits(AugmentSamples.FLIP) < 0;
    int across = (mirrored ? picture.width - 1 - x : x);
    across += draws.around(how.crop(), AugmentSamples.CROP_X);
    int down = y + draws.around(how.crop(), AugmentSamples.CROP_Y);
    int angle = draws.around(how.mostRadians(), AugmentSamples.ANGLE);
    int[] colour = new int[picture.channels];
    for (int c = 0; c < colour.length; c++) {
      int turned = turned(picture, c, down, across, angle);
      int bright = scaled(turned, 0, factor(how.brightness(), draws, AugmentSamples.BRIGHTNESS));
      colour[c] = scaled(bright, 128, factor(how.contrast(), draws, AugmentSamples.CONTRAST));
    }
    if (how.saturation() == 0) {
      return colour[channel];
    }
    int grey = 77 * colour[0] + 150 * colour[1] + 29 * colour[2] + 128 >> 8;
    return scaled(
        colour[channel], grey, factor(how.saturation(), draws, AugmentSamples.SATURATION));
  }

  private static int factor(float jitter, Draws draws, int word) {
    return 256 + draws.around(Augmentation.span(jitter), word);
  }

  /** Moves a value away from or towards a middle, and into the range of pixels. */
  private static int scaled(int value, int middle, int factor) {
    return Math.max(0, Math.min(255, middle + ((value - middle) * factor + 128 >> 8)));
  }

  private static int turned(Picture picture, int c, int y, int x, int angle) {
    long sine = Augmentation.sine(angle);
    long cosine = Augmentation.cosine(angle);
    long u = 2L * x - (picture.width - 1);
    long v = 2L * y - (picture.height - 1);
    long across = u * cosine + v * sine + (picture.width - 1) * 65536L >> 1;
    long down = v * cosine - u * sine + (picture.height - 1) * 65536L >> 1;
    long right = (across & 0xFFFF) >> 8;
    long lower = (down & 0xFFFF) >> 8;
    long x0 = across >> 16;
    long y0 = down >> 16;
    long sum =
        (256 - lower) * ((256 - right) * picture.at(c, y0, x0) + right * picture.at(c, y0, x0 + 1))
            + lower
                * ((256 - right) * picture.at(c, y0 + 1, x0)
                    + right * picture.at(c, y0 + 1, x0 + 1));
    return (int) (sum + 32768 >> 16);
  }

  static void normalize(NormalizeSamples op, List<HostTensor> inputs, List<HostTensor> outputs) {
    HostTensor pixels = inputs.get(0);
    double[] values = outputs.get(0).values();
    int plane = pixels.size(2) * pixels.size(3);
    for (int i = 0; i < values.length; i++) {
      int c = i / plane % pixels.size(1);
      values[i] = (pixels.at(i) * op.scale() - op.mean().get(c)) / op.deviation().get(c);
    }
  }
}
