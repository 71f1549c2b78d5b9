package dev.lamina.cpu;

import dev.lamina.device.OpCall;
import dev.lamina.op.AugmentSamples;
import dev.lamina.op.Augmentation;
import dev.lamina.op.NormalizeSamples;
import dev.lamina.op.StepTable;
import dev.lamina.random.Philox;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** Samples varied on their way into a batch, in Java: one row at a time, in the first caches. */
final class AugmentationLoops {
  private static final int LEVELS = 256;

  private AugmentationLoops() {}

  static CpuWay augment(AugmentSamples op, OpCall call) {
    TensorSpec source = call.inputs().get(0);
    long words = call.inputs().get(1).dim(1);
    return CpuWay.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              StepCell cell = StepCell.of(inputs, 1, words);
              SourceRows rows = new SourceRows(inputs.get(0), source.bytes() / source.dim(0));
              ByteBuffer out = outputs.get(0).view();
              Row row = new Row(op, source);
              return () -> {
                Philox random = Philox.ofKey(cell.wide(StepTable.RANDOM_KEY));
                long step =
                    AugmentSamples.STREAM << Integer.SIZE | cell.word(StepTable.STEP) & 0xFFFFFFFFL;
                for (int r = 0; r < op.rows(); r++) {
                  int index = cell.index(op.firstRow() + r);
                  rows.view(index).get(rows.offset(index), row.from);
                  row.draw(random, step, op.firstRow() + r);
                  row.vary();
                  out.put(r * row.to.length, row.to);
                }
              };
            });
  }

  /** One sample, what was drawn for it, and what becomes of it. */
  private static final class Row {
    private final Augmentation how;
    private final byte[] fill;
    private final int channels;
    private final int height;
    private final int width;
    private final byte[] from;
    private final byte[] to;
    private final int[] bits = new int[AugmentSamples.WORDS];
    private final int[] four = new int[Philox.BLOCK];
    private final byte[] levels = new byte[LEVELS];

    Row(AugmentSamples op, TensorSpec source) {
      how = op.augmentation();
      channels = source.shape().size(1);
      height = source.shape().size(2);
      width = source.shape().size(3);
      from = new byte[channels * height * width];
      to = new byte[from.length];
      fill = new byte[channels];
      for (int c = 0; c < channels; c++) {
        fill[c] = op.fill().get(c).byteValue();
      }
    }

    void draw(Philox random, long step, long row) {
      for (int at = 0; at < bits.length; at += Philox.BLOCK) {
        random.block(step, (row * AugmentSamples.WORDS + at) / Philox.BLOCK, four);
        System.arraycopy(four, 0, bits, at, Philox.BLOCK);
      }
    }

    private int below(int bound, int word) {
      return (int) ((bits[word] & 0xFFFFFFFFL) * bound >>> Integer.SIZE);
    }

    private int around(int most, int word) {
      return below(2 * most + 1, word) - most;
    }

    void vary() {
      move();
      jitter();
      if (how.saturation() > 0) {
        saturate(256 + around(Augmentation.span(how.saturation()), AugmentSamples.SATURATION));
      }
      if (how.cutout() > 0) {
        cutOut();
      }
    }

    private void move() {
      int angle = around(how.mostRadians(), AugmentSamples.ANGLE);
      int shiftY = around(how.crop(), AugmentSamples.CROP_Y);
      int shiftX = around(how.crop(), AugmentSamples.CROP_X);
      boolean mirrored = how.flip() && bits[AugmentSamples.FLIP] < 0;
      int first = (mirrored ? width - 1 : 0) + shiftX;
      int next = mirrored ? -1 : 1;
      for (int y = 0; y < height; y++) {
        if (angle == 0) {
          shift(y, y + shiftY, first, next);
        } else {
          turn(y, y + shiftY, first, next, angle);
        }
      }
    }

    private void shift(int y, int sourceY, int first, int next) {
      for (int c = 0; c < channels; c++) {
        int target = (c * height + y) * width;
        int source = (c * height + sourceY) * width;
        boolean inside = sourceY >= 0 && sourceY < height;
        int x = first;
        for (int i = 0; i < width; i++, x += next) {
          to[target + i] = inside && x >= 0 && x < width ? from[source + x] : 0;
        }
      }
    }

    private void turn(int y, int sourceY, int first, int next, int angle) {
      long sine = Augmentation.sine(angle);
      long cosine = Augmentation.cosine(angle);
      long v = 2L * sourceY - (height - 1);
      int x = first;
      for (int i = 0; i < width; i++, x += next) {
        long u = 2L * x - (width - 1);
        long across = u * cosine + v * sine + (width - 1) * 65536L >> 1;
        long down = v * cosine - u * sine + (height - 1) * 65536L >> 1;
        int right = (int) (across & 0xFFFF) >> 8;
        int lower = (int) (down & 0xFFFF) >> 8;
        int x0 = (int) (across >> 16);
        int y0 = (int) (down >> 16);
        for (int c = 0; c < channels; c++) {
          int above = (256 - right) * at(c, y0, x0) + right * at(c, y0, x0 + 1);
          int below = (256 - right) * at(c, y0 + 1, x0) + right * at(c, y0 + 1, x0 + 1);
          int mixed = (256 - lower) * above + lower * below + 32768 >> 16;
          to[(c * height + y) * width + i] = (byte) mixed;
        }
      }
    }

    private int at(int c, int y, int x) {
      boolean inside = y >= 0 && y < height && x >= 0 && x < width;
      return inside ? from[(c * height + y) * width + x] & 0xFF : 0;
    }

    /** A pixel has 256 values, so brightness and contrast are a look-up. */
    private void jitter() {
      if (how.brightness() == 0 && how.contrast() == 0) {
        return;
      }
      int bright = 256 + around(Augmentation.span(how.brightness()), AugmentSamples.BRIGHTNESS);
      int contrast = 256 + around(Augmentation.span(how.contrast()), AugmentSamples.CONTRAST);
      for (int level = 0; level < LEVELS; level++) {
        levels[level] = (byte) scaled(scaled(level, 0, bright), 128, contrast);
      }
      for (int i = 0; i < to.length; i++) {
        to[i] = levels[to[i] & 0xFF];
      }
    }

    private void saturate(int factor) {
      int plane = height * width;
      for (int i = 0; i < plane; i++) {
        int red = to[i] & 0xFF;
        int green = to[plane + i] & 0xFF;
        int blue = to[2 * plane + i] & 0xFF;
        int grey = 77 * red + 150 * green + 29 * blue + 128 >> 8;
        to[i] = (byte) scaled(red, grey, factor);
        to[plane + i] = (byte) scaled(green, grey, factor);
        to[2 * plane + i] = (byte) scaled(blue, grey, factor);
      }
    }

    private static int scaled(int value, int middle, int factor) {
      return Math.max(0, Math.min(255, middle + ((value - middle) * factor + 128 >> 8)));
    }

    private void cutOut() {
      int top = below(height, AugmentSamples.CUTOUT_Y) - how.cutout() / 2;
      int left = below(width, AugmentSamples.CUTOUT_X) - how.cutout() / 2;
      for (int c = 0; c < channels; c++) {
        for (int y = Math.max(0, top); y < Math.min(height, top + how.cutout()); y++) {
          int row = (c * height + y) * width;
          for (int x = Math.max(0, left); x < Math.min(width, left + how.cutout()); x++) {
            to[row + x] = fill[c];
          }
        }
      }
    }
  }

  static CpuWay normalize(NormalizeSamples op, OpCall call) {
    TensorSpec pixels = call.inputs().get(0);
    int rows = pixels.shape().size(0);
    int channels = pixels.shape().size(1);
    int plane = pixels.shape().size(2) * pixels.shape().size(3);
    return CpuWay.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              ByteBuffer in = inputs.get(0).view();
              FloatBuffer out = outputs.get(0).floats();
              float[][] levels = StepLoops.levels(op.scale(), op.mean(), op.deviation());
              byte[] bytes = new byte[plane];
              float[] values = new float[plane];
              return () -> {
                for (int at = 0, p = 0; p < rows * channels; p++, at += plane) {
                  in.get(at, bytes);
                  StepLoops.lookUp(bytes, levels[p % channels], values);
                  out.put(at, values);
                }
              };
            });
  }
}
