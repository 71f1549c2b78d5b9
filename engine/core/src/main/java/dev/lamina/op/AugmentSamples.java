package dev.lamina.op;

import dev.lamina.random.Philox;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Picks a batch's samples as {@link GatherSamples} does and varies them, pixels to pixels. All of
 * it is arithmetic of whole numbers, so that every device gives the same bytes.
 *
 * <p>Inputs: {@code source u8[s, c, h, w]}, step tables, cursor. Output: {@code u8[rows, c, h, w]}.
 *
 * <p>Row {@code r} draws word {@code k} from {@link Philox#bits} of the table's {@link
 * StepTable#RANDOM_KEY} at step {@code STREAM << 32 | STEP} and element {@code (firstRow + r) * 16
 * + k}; "below n" is {@link Philox#below}. The pixel at {@code (y, x)} is made so, where {@code >>}
 * rounds down:
 *
 * <ol>
 *   <li>{@link #CUTOUT_Y} and {@link #CUTOUT_X} below the extents are the square's centre; within
 *       {@code side} pixels from {@code centre - side / 2} on, the pixel is {@code fill[c]}.
 *   <li>Where the highest bit of {@link #FLIP} is set, {@code x = w - 1 - x}.
 *   <li>{@link #CROP_Y} and {@link #CROP_X} below {@code 2 * crop + 1}, less {@code crop}, are
 *       added to y and x.
 *   <li>{@link #ANGLE} below {@code 2 * mostRadians + 1}, less {@code mostRadians}, is the angle:
 *       with {@code u = 2 * x - (w - 1)}, {@code v = 2 * y - (h - 1)} the position is {@code (u *
 *       cosine + v * sine + 65536 * (w - 1)) >> 1} across and {@code (v * cosine - u * sine + 65536
 *       * (h - 1)) >> 1} down, in units of 1/65536. The four pixels around it, 0 outside of the
 *       sample, are mixed by weights of 1/256, rounded half up.
 *   <li>{@link #BRIGHTNESS}: {@code p = (p * f + 128) >> 8}. {@link #CONTRAST}: {@code p = 128 +
 *       (((p - 128) * f + 128) >> 8)}. {@link #SATURATION}, of three channels: {@code p = g + (((p
 *       - g) * f + 128) >> 8)} with {@code g = (77 * red + 150 * green + 29 * blue + 128) >> 8}.
 *       Each factor {@code f} is {@code 256 - span} plus a number below {@code 2 * span + 1}; each
 *       result is brought into 0 to 255.
 * </ol>
 *
 * @param fill what the cutout paints, by channel
 */
public record AugmentSamples(int firstRow, int rows, Augmentation augmentation, List<Integer> fill)
    implements Op {
  /** High half of the step that random numbers are drawn at. */
  public static final long STREAM = 0xFFFFFFFFL;

  /** Random words of a row. */
  public static final int WORDS = 16;

  /** Word that decides whether a row is mirrored. */
  public static final int FLIP = 0;

  /** Word of the vertical shift. */
  public static final int CROP_Y = 1;

  /** Word of the horizontal shift. */
  public static final int CROP_X = 2;

  /** Word of the angle. */
  public static final int ANGLE = 3;

  /** Word of the cutout's row. */
  public static final int CUTOUT_Y = 4;

  /** Word of the cutout's column. */
  public static final int CUTOUT_X = 5;

  /** Word of the brightness. */
  public static final int BRIGHTNESS = 6;

  /** Word of the contrast. */
  public static final int CONTRAST = 7;

  /** Word of the saturation. */
  public static final int SATURATION = 8;

  /** Largest side of samples that are turned: positions must fit 32 bits. */
  public static final int MOST_TURNED = 4096;

  /** Copies the list and checks the values. */
  public AugmentSamples {
    StepTable.checkRows("augment_samples", firstRow, rows);
    fill = List.copyOf(fill);
    for (int value : fill) {
      if (value < 0 || value > 255) {
        throw new ShapeException("augment_samples: fill must be from 0 to 255, but is " + fill);
      }
    }
  }

  @Override
  public String name() {
    return "augment_samples";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 3, 3);
    TensorSpec source = inputs.get(0);
    Check.rank(this, "source", source, 4);
    if (source.type() != DataType.U8) {
      throw new ShapeException(
          "augment_samples: only pixels (u8) can be varied, but the samples are " + source);
    }
    if (source.dim(1) != fill.size()) {
      throw new ShapeException(
          "augment_samples: fill has " + fill.size() + " channels, but the source is " + source);
    }
    if (augmentation.saturation() > 0 && source.dim(1) != 3) {
      throw new ShapeException(
          "augment_samples: saturation needs three channels, but the samples are " + source);
    }
    if (augmentation.rotation() > 0 && Math.max(source.dim(2), source.dim(3)) > MOST_TURNED) {
      throw new ShapeException(
          "augment_samples: samples of more than %d pixels a side cannot be turned, and these are %s"
              .formatted(MOST_TURNED, source));
    }
    long least = Math.min(source.dim(2), source.dim(3));
    if (augmentation.crop() > least || augmentation.cutout() > least) {
      throw new ShapeException(
          "augment_samples: crop %d and cutout %d must fit the samples, %s"
              .formatted(augmentation.crop(), augmentation.cutout(), source));
    }
    StepTable.check(this, inputs.get(1), inputs.get(2), firstRow + rows);
    return List.of(new TensorSpec(DataType.U8, source.shape().with(0, rows)));
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return new Cost(0, 2 * outputs.get(0).bytes() + 4L * rows);
  }
}
