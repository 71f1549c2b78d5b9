package dev.lamina.cpu.jit;

import static dev.lamina.cpu.jit.Reg.R10;
import static dev.lamina.cpu.jit.Reg.R11;
import static dev.lamina.cpu.jit.Reg.R12;
import static dev.lamina.cpu.jit.Reg.R13;
import static dev.lamina.cpu.jit.Reg.R14;
import static dev.lamina.cpu.jit.Reg.R15;
import static dev.lamina.cpu.jit.Reg.R8;
import static dev.lamina.cpu.jit.Reg.R9;
import static dev.lamina.cpu.jit.Reg.RAX;
import static dev.lamina.cpu.jit.Reg.RBP;
import static dev.lamina.cpu.jit.Reg.RBX;
import static dev.lamina.cpu.jit.Reg.RCX;
import static dev.lamina.cpu.jit.Reg.RDI;
import static dev.lamina.cpu.jit.Reg.RDX;
import static dev.lamina.cpu.jit.Reg.RSI;

import java.util.ArrayList;
import java.util.List;

/**
 * Writes the gradient of a blocked convolution's weights: for two blocks of filters, all taps of a
 * kernel's row and some channels, the sums stay in registers while rows of the image and of the
 * gradient pass by, {@code sum[tap][channel] += x[pixel + tap][channel] * dy[pixel]}.
 *
 * <p>The rows that pass by at a time, a band of one image or several small images, fit the first
 * cache and serve every row of the kernel and every group of channels. Pixels at the borders, for
 * which taps fall outside the image, have code of their own.
 *
 * <p>The work falls into items, a block of channels with two blocks of filters; whoever runs the
 * code takes the next item until none is left, so any number of threads may run it at one time.
 * Which thread does an item changes nothing in its sums. Arguments: image, gradient of the result,
 * gradient of the weights, gradient of the bias (any if there is none), how many items are taken.
 */
final class BlockedWeights {
  /** Bytes of rows that pass by at a time; the sums and the stack take some of the cache too. */
  private static final int BAND_BYTES = 24 << 10;

  private static final int VECTOR = Routine.VECTOR_BYTES;
  private static final int BLOCK = BlockedConvolution.BLOCK;

  /** Sums of two blocks of filters for so many taps and channels. */
  private static final int MOST_SUMS = 6;

  private static final int GRADIENT = 12;
  private static final int PIXEL = 14;

  /** Longer rows are written as a loop. */
  private static final int UNROLLED = 8;

  private static final int COUNTER = 4 * Long.BYTES;

  private final BlockedConvolution shape;
  private final long items;
  private final long bands;
  private final int bandCount;
  private final int imagesAtOnce;
  private final int group;
  private final Routine routine = new Routine(2);
  private final Assembler asm = routine.asm();
  private final Address chunksLeft = routine.local();
  private final Address bandsLeft = routine.local();

  /**
   * Writes for tables at these addresses.
   *
   * @param items {@link #items}
   * @param bands {@link #bands}
   */
  BlockedWeights(BlockedConvolution shape, long items, long bands) {
    this.shape = shape;
    this.items = items;
    this.bands = bands;
    bandCount = bands(shape).length / 4;
    imagesAtOnce = imagesAtOnce(shape);
    int most = Math.max(1, MOST_SUMS / shape.kernelWidth());
    group = Integer.highestOneBit(most);
  }

  /**
   * Returns for each item where its image, gradient and weights begin, and whether it sums bias.
   */
  static long[] items(BlockedConvolution shape) {
    int channelBlocks = shape.channels() / BLOCK;
    int pairs = shape.filters() / (2 * BLOCK);
    long[] table = new long[pairs * channelBlocks * 4];
    int at = 0;
    for (int pair = 0; pair < pairs; pair++) {
      for (int block = 0; block < channelBlocks; block++) {
        table[at++] = (long) block * shape.planeBytes();
        table[at++] = 2L * pair * shape.outPlaneBytes();
        table[at++] = (2L * pair * channelBlocks + block) * shape.tileBytes();
        table[at++] = shape.bias() && block == 0 ? 2L * pair * VECTOR + 1 : 0;
      }
    }
    return table;
  }

  /** Returns for each band and row of the kernel the offsets of image, gradient, weights; rows. */
  static long[] bands(BlockedConvolution shape) {
    List<Long> table = new ArrayList<>();
    int rows = bandRows(shape);
    for (int first = 0; first < shape.outHeight(); first += rows) {
      int end = Math.min(first + rows, shape.outHeight());
      for (int ky = 0; ky < shape.kernelHeight(); ky++) {
        int above = shape.padHeight() - ky;
        int from = Math.max(first, up(above, shape.strideHeight()));
        int to = Math.min(end, Math.floorDiv(shape.height() - 1 + above, shape.strideHeight()) + 1);
        if (from < to) {
          long y = (long) from * shape.strideHeight() - above;
          table.add((y * shape.width() - shape.padWidth()) * VECTOR);
          table.add((long) from * shape.outWidth() * VECTOR);
          table.add((long) ky * shape.kernelWidth() * BLOCK * VECTOR);
          table.add((long) to - from);
        }
      }
    }
    return table.stream().mapToLong(Long::longValue).toArray();
  }

  /** The quotient, rounded up. */
  private static int up(int value, int divisor) {
    return -Math.floorDiv(-value, divisor);
  }

  private static int bandRows(BlockedConvolution shape) {
    int perRow =
        (2 * shape.outWidth() + shape.strideHeight() * shape.width()) * BLOCK * Float.BYTES;
    int over = (shape.kernelHeight() - 1) * shape.width() * BLOCK * Float.BYTES;
    return Math.max(1, Math.min(shape.outHeight(), (BAND_BYTES - over) / perRow));
  }

  private static int imagesAtOnce(BlockedConvolution shape) {
    int most = BAND_BYTES / (2 * shape.outPlaneBytes() + shape.planeBytes());
    int images = Math.max(1, Math.min(most, shape.images()));
    while (shape.images() % images != 0) {
      images--;
    }
    return images;
  }

  byte[] write() {
    Label next = new Label();
    Label work = new Label();
    Label done = new Label();
    asm.place(next);
    asm.mov(RAX, 1);
    asm.fetchAndAdd(Address.at(RDI, COUNTER), RAX);
    asm.cmp(RAX, items(shape).length / 4);
    asm.jumpIfLess(work);
    asm.jump(done);
    asm.place(work);
    asm.shiftLeft(RAX, 5);
    asm.mov(R14, items);
    asm.add(R14, RAX);
    asm.mov(R12, Address.at(RDI, 0));
    asm.add(R12, Address.at(R14, 0));
    asm.mov(R13, Address.at(RDI, Long.BYTES));
    asm.add(R13, Address.at(R14, Long.BYTES));
    asm.mov(RBX, Address.at(RDI, 2 * Long.BYTES));
    asm.add(RBX, Address.at(R14, 2 * Long.BYTES));
    if (shape.bias()) {
      writeBias();
    }
    clearSums();
    routine.repeat(chunksLeft, RAX, shape.images() / imagesAtOnce, this::writeChunk);
    asm.jump(next);
    asm.place(done);
    return routine.end();
  }

  private int secondTile() {
    return shape.channels() / BLOCK * shape.tileBytes();
  }

  private long imageBytes() {
    return (long) shape.channels() / BLOCK * shape.planeBytes();
  }

  private long outBytes() {
    return (long) shape.filters() / BLOCK * shape.outPlaneBytes();
  }

  private void clearSums() {
    for (int tile = 0; tile < 2; tile++) {
      asm.mov(RBP, RBX);
      asm.add(RBP, tile * secondTile());
      routine.clear(RBP, R8, shape.tileBytes() / Float.BYTES, 0);
    }
  }

  /** Some images: every band of them with every row of the kernel. */
  private void writeChunk() {
    asm.mov(R14, bands);
    routine.repeat(
        bandsLeft,
        RAX,
        bandCount,
        () -> {
          asm.mov(RCX, R12);
          asm.add(RCX, Address.at(R14, 0));
          asm.mov(RBP, RBX);
          asm.add(RBP, Address.at(R14, 2 * Long.BYTES));
          routine.repeat(R8, BLOCK / group, this::writeGroup);
          asm.add(R14, 4 * Long.BYTES);
        });
    asm.add(R12, Math.toIntExact(imagesAtOnce * imageBytes()));
    asm.add(R13, Math.toIntExact(imagesAtOnce * outBytes()));
  }

  /** A group of channels: the sums are loaded, all rows pass by, the sums are stored. */
  private void writeGroup() {
    eachSum(asm::load);
    asm.mov(RSI, RCX);
    asm.mov(RDX, R13);
    asm.add(RDX, Address.at(R14, Long.BYTES));
    routine.repeat(
        R9,
        imagesAtOnce,
        () -> {
          asm.mov(RAX, RSI);
          asm.mov(R15, RDX);
          asm.mov(R10, Address.at(R14, 3 * Long.BYTES));
          Label row = new Label();
          asm.place(row);
          writeRow();
          asm.sub(R10, 1);
          asm.jumpIfNotZero(row);
          asm.mov(RSI, RAX);
          asm.mov(RDX, R15);
          asm.add(RSI, Math.toIntExact(imageBytes()));
          asm.add(RDX, Math.toIntExact(outBytes()));
        });
    eachSum((sum, place) -> asm.store(place, sum));
    asm.add(RCX, group * Float.BYTES);
    asm.add(RBP, group * VECTOR);
  }

  private interface SumPlace {
    void at(int sum, Address place);
  }

  private void eachSum(SumPlace action) {
    for (int tap = 0; tap < shape.kernelWidth(); tap++) {
      for (int channel = 0; channel < group; channel++) {
        for (int tile = 0; tile < 2; tile++) {
          int offset = (tap * BLOCK + channel) * VECTOR + tile * secondTile();
          action.at(sum(tap, channel, tile), Address.at(RBP, offset));
        }
      }
    }
  }

  private int sum(int tap, int channel, int tile) {
    return (tap * group + channel) * 2 + tile;
  }

  /** One row of the gradient; moves both addresses to the next row. */
  private void writeRow() {
    int width = shape.outWidth();
    int first = Math.min(width, up(shape.padWidth(), shape.strideWidth()));
    int reach = shape.width() + shape.padWidth() - shape.kernelWidth();
    int last = reach < 0 ? 0 : Math.min(width, reach / shape.strideWidth() + 1);
    int inner = Math.max(0, last - first);
    int step = shape.strideWidth() * VECTOR;
    int from = 0;
    if (inner > UNROLLED) {
      writePixels(0, first, 0);
      int loops = inner / 4;
      asm.add(RSI, first * step);
      asm.add(RDX, first * VECTOR);
      routine.repeat(
          R11,
          loops,
          () -> {
            writePixels(first, first + 4, first);
            asm.add(RSI, 4 * step);
            asm.add(RDX, 4 * VECTOR);
          });
      from = first + 4 * loops;
      writePixels(from, width, from);
    } else {
      writePixels(0, width, 0);
    }
    asm.add(RSI, shape.strideHeight() * shape.width() * VECTOR - from * step);
    asm.add(RDX, (width - from) * VECTOR);
  }

  /** Writes pixels {@code from} to {@code to}; the addresses stand at pixel {@code origin}. */
  private void writePixels(int from, int to, int origin) {
    for (int pixel = from; pixel < to; pixel++) {
      int at = pixel - origin;
      for (int tile = 0; tile < 2; tile++) {
        Address gradient = Address.at(RDX, at * VECTOR + tile * shape.outPlaneBytes());
        asm.load(GRADIENT + tile, gradient);
      }
      for (int tap = 0; tap < shape.kernelWidth(); tap++) {
        int x = pixel * shape.strideWidth() + tap - shape.padWidth();
        if (x < 0 || x >= shape.width()) {
          continue;
        }
        int offset = (at * shape.strideWidth() + tap) * VECTOR;
        for (int channel = 0; channel < group; channel++) {
          int value = PIXEL + (tap * group + channel) % 2;
          asm.broadcast(value, Address.at(RSI, offset + channel * Float.BYTES));
          asm.multiplyAdd(sum(tap, channel, 0), value, GRADIENT);
          asm.multiplyAdd(sum(tap, channel, 1), value, GRADIENT + 1);
        }
      }
    }
  }

  /** The bias's gradient, by the item that has the first channels: the sum of all pixels. */
  private void writeBias() {
    Label none = new Label();
    asm.mov(RCX, Address.at(R14, 3 * Long.BYTES));
    asm.test(RCX);
    asm.jumpIfZero(none);
    asm.sub(RCX, 1);
    asm.add(RCX, Address.at(RDI, 3 * Long.BYTES));
    int pixels = shape.outHeight() * shape.outWidth();
    for (int tile = 0; tile < 2; tile++) {
      List.of(0, 1, 2, 3).forEach(asm::zero);
      asm.mov(RDX, R13);
      asm.add(RDX, tile * shape.outPlaneBytes());
      routine.repeat(
          R8,
          shape.images(),
          () -> {
            routine.repeat(
                R9,
                pixels / 4,
                () -> {
                  for (int i = 0; i < 4; i++) {
                    asm.add(i, i, Address.at(RDX, i * VECTOR));
                  }
                  asm.add(RDX, 4 * VECTOR);
                });
            for (int i = 0; i < pixels % 4; i++) {
              asm.add(i, i, Address.at(RDX, i * VECTOR));
            }
            asm.add(RDX, Math.toIntExact(outBytes()) - pixels / 4 * 4 * VECTOR);
          });
      asm.add(0, 0, 1);
      asm.add(2, 2, 3);
      asm.add(0, 0, 2);
      asm.store(Address.at(RCX, tile * VECTOR), 0);
    }
    asm.place(none);
  }
}
