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
 * Writes a blocked convolution, and as another convolution the gradient of one's image: up to six
 * pixels of a row, for two blocks of results, stay in registers while channels and taps pass by,
 * {@code sum[pixel] += x[pixel + tap][channel] * weight[tap][channel]}.
 *
 * <p>Channels pass by in groups whose weights fit the first cache and serve all pixels of an image.
 * Pixels at the borders, for which taps fall outside the image, have code of their own.
 *
 * <p>The work falls into items, an image with two blocks of results; whoever runs the code takes
 * the next item until none is left, so any number of threads may run it at one time. Which thread
 * does an item changes nothing in its sums. Arguments: image, weights, bias (any if there is none),
 * result, addend (any if there is none), how many items are taken.
 */
final class BlockedForward {
  /** Bytes of weights that pass by at a time; rows of the image take some of the cache too. */
  private static final int WEIGHT_BYTES = 10 << 10;

  private static final int VECTOR = Routine.VECTOR_BYTES;
  private static final int BLOCK = BlockedConvolution.BLOCK;

  /** Pixels of which two blocks of sums fit the registers, beside two weights and two pixels. */
  private static final int MOST_PIXELS = 6;

  private static final int WEIGHT = 12;
  private static final int PIXEL = 14;
  private static final int ADDEND = 4 * Long.BYTES;
  private static final int COUNTER = 5 * Long.BYTES;

  /** Numbers of a row: where image and weights begin, rows of taps, steps to the next channels. */
  private static final int ROW_NUMBERS = 5;

  private final BlockedConvolution shape;
  private final boolean backward;
  private final boolean add;
  private final boolean relu;
  private final long items;
  private final long rows;
  private final int reduced;
  private final Routine routine = new Routine(2);
  private final Assembler asm = routine.asm();
  private final Address groupsLeft = routine.local();
  private final Address rowsLeft = routine.local();

  /**
   * Writes for tables at these addresses.
   *
   * @param backward whether the weights are those of the convolution whose image's gradient this
   *     is: their filters are this one's channels, their taps run the other way
   * @param add whether an addend that lies as the result does is added before the activation
   * @param items {@link #items}
   * @param rows {@link #rows}
   */
  BlockedForward(
      BlockedConvolution shape,
      boolean backward,
      boolean add,
      boolean relu,
      long items,
      long rows) {
    this.shape = shape;
    this.backward = backward;
    this.add = add;
    this.relu = relu;
    this.items = items;
    this.rows = rows;
    int blocks = shape.channels() / BLOCK;
    int most = Math.max(1, Math.min(blocks, WEIGHT_BYTES / (2 * shape.tileBytes())));
    while (blocks % most != 0) {
      most--;
    }
    reduced = most;
  }

  /** Bytes from the weights of a block of channels to those of the next. */
  private static long channelStep(BlockedConvolution shape, boolean backward) {
    return backward ? (long) shape.filters() / BLOCK * shape.tileBytes() : shape.tileBytes();
  }

  /** Bytes from the weights of a block of results to those of the next. */
  private static long resultStep(BlockedConvolution shape, boolean backward) {
    return backward ? shape.tileBytes() : (long) shape.channels() / BLOCK * shape.tileBytes();
  }

  /** Returns for each item where its image, weights, bias and result begin. */
  static long[] items(BlockedConvolution shape, boolean backward) {
    int pairs = shape.filters() / (2 * BLOCK);
    long[] table = new long[pairs * shape.images() * 4];
    int at = 0;
    for (int pair = 0; pair < pairs; pair++) {
      for (int image = 0; image < shape.images(); image++) {
        table[at++] = (long) image * shape.channels() / BLOCK * shape.planeBytes();
        table[at++] = 2L * pair * resultStep(shape, backward);
        table[at++] = 2L * pair * VECTOR;
        table[at++] = ((long) image * shape.filters() / BLOCK + 2L * pair) * shape.outPlaneBytes();
      }
    }
    return table;
  }

  /** Returns for each row of the result the numbers that its code reads. */
  static long[] rows(BlockedConvolution shape, boolean backward) {
    long[] table = new long[shape.outHeight() * ROW_NUMBERS];
    int kernelRow = shape.kernelWidth() * BLOCK * VECTOR;
    int at = 0;
    for (int y = 0; y < shape.outHeight(); y++) {
      int top = y * shape.strideHeight() - shape.padHeight();
      int from = Math.max(0, -top);
      int count = Math.max(0, Math.min(shape.kernelHeight(), shape.height() - top) - from);
      int first = backward ? shape.kernelHeight() - 1 - from : from;
      int imageRow = shape.width() * VECTOR;
      table[at++] = (long) (top + from) * imageRow - (long) shape.padWidth() * VECTOR;
      table[at++] = (long) first * kernelRow;
      table[at++] = count;
      table[at++] = shape.planeBytes() - (long) count * imageRow;
      table[at++] =
          channelStep(shape, backward) - (long) count * (backward ? -kernelRow : kernelRow);
    }
    return table;
  }

  byte[] write() {
    Label next = new Label();
    Label work = new Label();
    Label done = new Label();
    asm.place(next);
    asm.mov(RAX, 1);
    asm.fetchAndAdd(Address.at(RDI, COUNTER), RAX);
    asm.cmp(RAX, items(shape, backward).length / 4);
    asm.jumpIfLess(work);
    asm.jump(done);
    asm.place(work);
    asm.shiftLeft(RAX, 5);
    asm.mov(R14, items);
    asm.add(R14, RAX);
    asm.mov(R12, Address.at(RDI, 0));
    asm.add(R12, Address.at(R14, 0));
    asm.mov(RBX, Address.at(RDI, Long.BYTES));
    asm.add(RBX, Address.at(R14, Long.BYTES));
    asm.mov(R13, Address.at(RDI, 3 * Long.BYTES));
    asm.add(R13, Address.at(R14, 3 * Long.BYTES));
    writeStart();
    routine.repeat(groupsLeft, RAX, shape.channels() / BLOCK / reduced, this::writeChannels);
    if (relu) {
      writeRelu();
    }
    asm.jump(next);
    asm.place(done);
    return routine.end();
  }

  /** Every sum starts from its bias, or from zero, and from the addend where there is one. */
  private void writeStart() {
    for (int tile = 0; tile < 2; tile++) {
      if (shape.bias()) {
        asm.mov(RAX, Address.at(RDI, 2 * Long.BYTES));
        asm.add(RAX, Address.at(R14, 2 * Long.BYTES));
        asm.load(0, Address.at(RAX, tile * VECTOR));
      } else {
        asm.zero(0);
      }
      if (!add) {
        eachResult(tile, () -> asm.store(Address.at(R15, 0), 0));
        continue;
      }
      asm.mov(RSI, Address.at(RDI, ADDEND));
      asm.add(RSI, Address.at(R14, 3 * Long.BYTES));
      asm.add(RSI, tile * shape.outPlaneBytes());
      eachResult(
          tile,
          () -> {
            asm.load(1, Address.at(RSI, 0));
            asm.add(1, 1, 0);
            asm.store(Address.at(R15, 0), 1);
            asm.add(RSI, VECTOR);
          });
    }
  }

  private void writeRelu() {
    asm.zero(1);
    for (int tile = 0; tile < 2; tile++) {
      eachResult(
          tile,
          () -> {
            asm.load(0, Address.at(R15, 0));
            asm.max(0, 0, 1);
            asm.store(Address.at(R15, 0), 0);
          });
    }
  }

  private void eachResult(int tile, Runnable body) {
    asm.mov(R15, R13);
    asm.add(R15, tile * shape.outPlaneBytes());
    routine.repeat(
        R8,
        shape.outHeight() * shape.outWidth(),
        () -> {
          body.run();
          asm.add(R15, VECTOR);
        });
  }

  /** A group of channels: all rows of the result. */
  private void writeChannels() {
    asm.mov(R14, rows);
    asm.mov(R15, R13);
    routine.repeat(
        rowsLeft,
        RAX,
        shape.outHeight(),
        () -> {
          Label outside = new Label();
          asm.mov(RAX, Address.at(R14, 2 * Long.BYTES));
          asm.test(RAX);
          asm.mov(RCX, R12);
          asm.mov(RBP, RBX);
          asm.jumpIfZero(outside);
          asm.add(RCX, Address.at(R14, 0));
          asm.add(RBP, Address.at(R14, Long.BYTES));
          writeRow();
          asm.sub(R15, shape.outWidth() * VECTOR);
          asm.place(outside);
          asm.add(R15, shape.outWidth() * VECTOR);
          asm.add(R14, ROW_NUMBERS * Long.BYTES);
        });
    asm.add(R12, Math.toIntExact((long) reduced * shape.planeBytes()));
    asm.add(RBX, Math.toIntExact(reduced * channelStep(shape, backward)));
  }

  /** Pixels that are computed together. */
  private record Tile(int from, int pixels, boolean inside) {}

  /** A row in tiles; those of one width inside the image are a loop. */
  private void writeRow() {
    List<Tile> tiles = tiles();
    int at = 0;
    while (at < tiles.size()) {
      Tile tile = tiles.get(at);
      int count = 1;
      while (tile.inside()
          && at + count < tiles.size()
          && tiles.get(at + count).inside()
          && tiles.get(at + count).pixels() == tile.pixels()) {
        count++;
      }
      routine.repeat(
          R11,
          count,
          () -> {
            writeTile(tile);
            asm.add(RCX, tile.pixels() * shape.strideWidth() * VECTOR);
            asm.add(R15, tile.pixels() * VECTOR);
          });
      at += count;
    }
  }

  private List<Tile> tiles() {
    int width = shape.outWidth();
    int count = (width + MOST_PIXELS - 1) / MOST_PIXELS;
    List<Tile> tiles = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < count; i++) {
      int pixels = (width - from + count - i - 1) / (count - i);
      int left = from * shape.strideWidth() - shape.padWidth();
      int right = (from + pixels - 1) * shape.strideWidth() - shape.padWidth();
      boolean inside = left >= 0 && right + shape.kernelWidth() <= shape.width();
      tiles.add(new Tile(from, pixels, inside));
      from += pixels;
    }
    return tiles;
  }

  private void writeTile(Tile tile) {
    for (int i = 0; i < tile.pixels(); i++) {
      asm.load(2 * i, Address.at(R15, i * VECTOR));
      asm.load(2 * i + 1, Address.at(R15, i * VECTOR + shape.outPlaneBytes()));
    }
    asm.mov(RSI, RCX);
    asm.mov(RDX, RBP);
    routine.repeat(
        R9,
        reduced,
        () -> {
          asm.mov(R10, Address.at(R14, 2 * Long.BYTES));
          Label tapRow = new Label();
          asm.place(tapRow);
          writeTaps(tile);
          int kernelRow = shape.kernelWidth() * BLOCK * VECTOR;
          asm.add(RSI, shape.width() * VECTOR);
          asm.add(RDX, backward ? -kernelRow : kernelRow);
          asm.sub(R10, 1);
          asm.jumpIfNotZero(tapRow);
          asm.add(RSI, Address.at(R14, 3 * Long.BYTES));
          asm.add(RDX, Address.at(R14, 4 * Long.BYTES));
        });
    for (int i = 0; i < tile.pixels(); i++) {
      asm.store(Address.at(R15, i * VECTOR), 2 * i);
      asm.store(Address.at(R15, i * VECTOR + shape.outPlaneBytes()), 2 * i + 1);
    }
  }

  /** A row of taps for one block of channels. */
  private void writeTaps(Tile tile) {
    int second = Math.toIntExact(resultStep(shape, backward));
    for (int tap = 0; tap < shape.kernelWidth(); tap++) {
      int place = backward ? shape.kernelWidth() - 1 - tap : tap;
      for (int channel = 0; channel < BLOCK; channel++) {
        int offset = (place * BLOCK + channel) * VECTOR;
        asm.load(WEIGHT, Address.at(RDX, offset));
        asm.load(WEIGHT + 1, Address.at(RDX, offset + second));
        for (int i = 0; i < tile.pixels(); i++) {
          int column = (tile.from() + i) * shape.strideWidth() + tap - shape.padWidth();
          if (column < 0 || column >= shape.width()) {
            continue;
          }
          int pixel = PIXEL + i % 2;
          int distance = (i * shape.strideWidth() + tap) * VECTOR + channel * Float.BYTES;
          asm.broadcast(pixel, Address.at(RSI, distance));
          asm.multiplyAdd(2 * i, pixel, WEIGHT);
          asm.multiplyAdd(2 * i + 1, pixel, WEIGHT + 1);
        }
      }
    }
  }
}
