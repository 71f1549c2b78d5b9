package dev.lamina.cpu.jit;

import static dev.lamina.cpu.jit.Reg.R10;
import static dev.lamina.cpu.jit.Reg.R13;
import static dev.lamina.cpu.jit.Reg.R14;
import static dev.lamina.cpu.jit.Reg.R8;
import static dev.lamina.cpu.jit.Reg.R9;
import static dev.lamina.cpu.jit.Reg.RAX;
import static dev.lamina.cpu.jit.Reg.RBP;
import static dev.lamina.cpu.jit.Reg.RBX;
import static dev.lamina.cpu.jit.Reg.RCX;
import static dev.lamina.cpu.jit.Reg.RDI;
import static dev.lamina.cpu.jit.Reg.RDX;
import static dev.lamina.cpu.jit.Reg.RSI;
import static dev.lamina.cpu.jit.Routine.LANES;
import static dev.lamina.cpu.jit.Routine.VECTOR_BYTES;

import java.util.ArrayList;
import java.util.List;

/**
 * Writes the gradient of a {@link PooledConvolution}'s weights and bias.
 *
 * <p>A window's winner lies somewhere in the window, so its filter's gradient grows by the value
 * times the image around that place: one multiply-add for each vector of the filter, and none for
 * the losers. Sums stay in registers over all windows of a block of images; a block is small enough
 * for the first cache. A filter of more vectors than registers is done in parts.
 *
 * <p>Arguments: image, values, positions, gradient of the weights [filters][kernelHeight][run],
 * gradient of the bias [filters], scratch.
 */
final class PooledWeights {
  /** Registers for sums; what is left holds the winners' values. */
  private static final int SUMS = 13;

  /** Filters worked on at once, so that few vectors each still keep the multipliers busy. */
  private static final int MOST_AT_ONCE = 2;

  private static final int FIRST_CACHE_BYTES = 20 << 10;
  private static final Reg[] WINNER = {RAX, R13};

  private final PooledConvolution shape;
  private final long table;
  private final long mask;
  private final long biasMask;
  private final boolean tiled;
  private final int block;
  private final Routine routine = new Routine(8);
  private final Assembler asm = routine.asm();
  private final Address blocks = routine.local();
  private final Address groups = routine.local();
  private final Address image = routine.local();
  private final Address values = routine.local();
  private final Address positions = routine.local();

  /**
   * Prepares to write.
   *
   * @param table address of the byte offset of each position in a window, 64 bits each
   * @param mask address of a mask for a run's last vector
   * @param biasMask address of a mask for the bias's last vector
   */
  PooledWeights(PooledConvolution shape, long table, long mask, long biasMask) {
    this.shape = shape;
    this.table = table;
    this.mask = mask;
    this.biasMask = biasMask;
    tiled = tiled(shape);
    block = block(shape);
  }

  /** Images need a border, or room behind the last row for whole vectors. */
  private static boolean tiled(PooledConvolution shape) {
    return shape.padHeight() > 0 || shape.padWidth() > 0 || !shape.wholeRuns();
  }

  private static int block(PooledConvolution shape) {
    int windowBytes = shape.windows() * shape.filterPitch() * (Float.BYTES + 1);
    int bytes = tileFloats(shape) * Float.BYTES + windowBytes;
    int most = Math.max(1, FIRST_CACHE_BYTES / bytes);
    int block = Math.min(most, shape.images());
    while (shape.images() % block != 0) {
      block--;
    }
    return block;
  }

  private static int tileFloats(PooledConvolution shape) {
    return tiled(shape) ? shape.tileFloats() : shape.imageFloats();
  }

  /** Byte offset of each position in a window, as the table wants it. */
  static long[] offsets(PooledConvolution shape) {
    long[] offsets = new long[shape.windowArea()];
    for (int k = 0; k < offsets.length; k++) {
      offsets[k] = shape.offset(k, row(shape));
    }
    return offsets;
  }

  private static int row(PooledConvolution shape) {
    return tiled(shape) ? shape.tileRow() : shape.width() * shape.pitch();
  }

  /** Scratch: the sums, where rows do not fill vectors, then a block of images with borders. */
  static long scratchBytes(PooledConvolution shape) {
    long tiles = tiled(shape) ? (long) block(shape) * shape.tileFloats() * Float.BYTES : 0;
    return sumBytes(shape) + tiles;
  }

  private static int sumBytes(PooledConvolution shape) {
    return shape.wholeRuns() ? 0 : shape.filters() * shape.filterVectors() * VECTOR_BYTES;
  }

  byte[] write() {
    loadSums(RBP);
    routine.clear(RBP, RCX, shape.filters() * shape.filterVectors() * LANES, 0);
    if (tiled) {
      loadTiles(RBP);
      routine.clear(RBP, RCX, block * shape.tileFloats(), 0);
    }
    keep(image, 0);
    keep(values, 1);
    keep(positions, 2);
    routine.repeat(blocks, RAX, shape.images() / block, this::writeBlock);
    writeBias();
    if (!shape.wholeRuns()) {
      writeResult();
    }
    return routine.end();
  }

  private void keep(Address variable, int argument) {
    asm.mov(RAX, Address.at(RDI, argument * Long.BYTES));
    asm.mov(variable, RAX);
  }

  private void loadSums(Reg to) {
    asm.mov(to, Address.at(RDI, (shape.wholeRuns() ? 3 : 5) * Long.BYTES));
  }

  private void loadTiles(Reg to) {
    asm.mov(to, Address.at(RDI, 5 * Long.BYTES));
    asm.add(to, sumBytes(shape));
  }

  private void writeBlock() {
    if (tiled) {
      writeCopy();
    }
    asm.mov(RBX, table);
    loadSums(RBP);
    int vectors = shape.filterVectors();
    int atOnce = Math.min(MOST_AT_ONCE, Math.max(1, SUMS / vectors));
    int whole = shape.filters() / atOnce;
    // R14 is the number of the group's first filter.
    asm.mov(R14, 0);
    routine.repeat(groups, RAX, whole, () -> writeGroup(atOnce));
    if (shape.filters() % atOnce > 0) {
      writeGroup(shape.filters() % atOnce);
    }
    int windows = block * shape.windows() * shape.filterPitch();
    advance(values, windows * Float.BYTES);
    advance(positions, windows);
    if (!tiled) {
      advance(image, block * shape.imageFloats() * Float.BYTES);
    }
  }

  private void advance(Address variable, int bytes) {
    asm.mov(RAX, variable);
    asm.add(RAX, bytes);
    asm.mov(variable, RAX);
  }

  /** Copies a block of images into their borders. */
  private void writeCopy() {
    int rowFloats = shape.width() * shape.pitch();
    int border = (shape.padHeight() * shape.tileRow() + shape.padWidth() * shape.pitch());
    asm.mov(RSI, image);
    loadTiles(RDX);
    asm.add(RDX, border * Float.BYTES);
    asm.mov(RAX, rowMask());
    asm.load(15, Address.at(RAX, 0));
    int row = shape.tileRow() * Float.BYTES;
    routine.repeat(
        R8,
        block,
        () -> {
          routine.repeat(
              R9,
              shape.height(),
              () -> routine.copyRow(RSI, rowFloats * Float.BYTES, RDX, row, rowFloats, 0, 15));
          asm.add(RDX, (shape.tileFloats() - shape.height() * shape.tileRow()) * Float.BYTES);
        });
    asm.mov(image, RSI);
  }

  /** The mask for rows of the image follows the one for runs. */
  private long rowMask() {
    return mask + VECTOR_BYTES;
  }

  private void writeGroup(int filters) {
    int vectors = shape.filterVectors();
    int most = Math.max(1, SUMS / filters);
    int parts = (vectors + most - 1) / most;
    int from = 0;
    for (int part = 0; part < parts; part++) {
      int to = vectors * (part + 1) / parts;
      writePart(filters, from, to);
      from = to;
    }
    asm.add(RBP, filters * vectors * VECTOR_BYTES);
    asm.add(R14, filters);
  }

  /** Adds up vectors {@code [from, to)} of some filters over all windows of the block. */
  private void writePart(int filters, int from, int to) {
    int vectors = shape.filterVectors();
    int count = to - from;
    for (int f = 0; f < filters; f++) {
      for (int v = 0; v < count; v++) {
        asm.load(f * count + v, Address.at(RBP, (f * vectors + from + v) * VECTOR_BYTES));
      }
    }
    if (tiled) {
      loadTiles(RSI);
    } else {
      asm.mov(RSI, image);
    }
    asm.mov(RDX, values);
    asm.lea(RDX, Address.at(RDX, R14, Float.BYTES, 0));
    asm.mov(RCX, positions);
    asm.add(RCX, R14);
    int imageStep = tileFloats(shape) * Float.BYTES;
    int rowStep = shape.windowRowStep(row(shape));
    routine.repeat(
        R10,
        block,
        () -> {
          routine.repeat(
              R9,
              shape.pooledHeight(),
              () -> {
                routine.repeat(R8, shape.pooledWidth(), () -> writeWindow(filters, from, to));
                asm.add(RSI, rowStep - shape.pooledWidth() * shape.windowStep());
              });
          asm.add(RSI, imageStep - shape.pooledHeight() * rowStep);
        });
    for (int f = 0; f < filters; f++) {
      for (int v = 0; v < count; v++) {
        asm.store(Address.at(RBP, (f * vectors + from + v) * VECTOR_BYTES), f * count + v);
      }
    }
  }

  private void writeWindow(int filters, int from, int to) {
    int count = to - from;
    for (int f = 0; f < filters; f++) {
      asm.movByte(WINNER[f], Address.at(RCX, f));
      asm.broadcast(15 - f, Address.at(RDX, f * Float.BYTES));
      asm.mov(WINNER[f], Address.at(RBX, WINNER[f], Long.BYTES, 0));
      asm.add(WINNER[f], RSI);
    }
    for (int v = 0; v < count; v++) {
      int vector = from + v;
      int y = vector / shape.runVectors();
      int x = vector % shape.runVectors();
      int offset = y * row(shape) * Float.BYTES + x * VECTOR_BYTES;
      for (int f = 0; f < filters; f++) {
        asm.multiplyAdd(f * count + v, 15 - f, Address.at(WINNER[f], offset));
      }
    }
    asm.add(RSI, shape.windowStep());
    asm.add(RDX, shape.filterPitch() * Float.BYTES);
    asm.add(RCX, shape.filterPitch());
  }

  /** The bias's gradient is the sum of all values. */
  private void writeBias() {
    int pitch = shape.filterPitch() * Float.BYTES;
    int windows = shape.images() * shape.windows();
    for (int first = 0; first < shape.filters(); first += LANES) {
      boolean partial = shape.filters() - first < LANES;
      // Padding may be read; it is not written.
      boolean masked = first + LANES > shape.filterPitch();
      asm.mov(RSI, Address.at(RDI, Long.BYTES));
      asm.add(RSI, first * Float.BYTES);
      asm.mov(RDX, Address.at(RDI, 4 * Long.BYTES));
      asm.mov(RAX, biasMask);
      asm.load(15, Address.at(RAX, 0));
      List<Integer> sums = new ArrayList<>(List.of(0, 1, 2, 3));
      sums.forEach(asm::zero);
      routine.repeat(
          R8,
          windows / 4,
          () -> {
            for (int i = 0; i < 4; i++) {
              writeBiasTerm(i, Address.at(RSI, i * pitch), masked);
            }
            asm.add(RSI, 4 * pitch);
          });
      for (int i = 0; i < windows % 4; i++) {
        writeBiasTerm(i, Address.at(RSI, i * pitch), masked);
      }
      asm.add(0, 0, 1);
      asm.add(2, 2, 3);
      asm.add(0, 0, 2);
      Address result = Address.at(RDX, first * Float.BYTES);
      if (partial) {
        asm.store(result, 0, 15);
      } else {
        asm.store(result, 0);
      }
    }
  }

  private void writeBiasTerm(int sum, Address value, boolean masked) {
    if (masked) {
      asm.load(8 + sum, value, 15);
      asm.add(sum, sum, 8 + sum);
    } else {
      asm.add(sum, sum, value);
    }
  }

  /** Brings the sums from vectors of their own into dense rows. */
  private void writeResult() {
    asm.mov(RSI, Address.at(RDI, 5 * Long.BYTES));
    asm.mov(RDX, Address.at(RDI, 3 * Long.BYTES));
    asm.mov(RAX, mask);
    asm.load(15, Address.at(RAX, 0));
    int from = shape.runVectors() * VECTOR_BYTES;
    int to = shape.run() * Float.BYTES;
    routine.repeat(
        R8,
        shape.filters() * shape.kernelHeight(),
        () -> routine.copyRow(RSI, from, RDX, to, shape.run(), 0, 15));
  }
}
