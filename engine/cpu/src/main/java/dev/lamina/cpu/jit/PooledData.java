package dev.lamina.cpu.jit;

import static dev.lamina.cpu.jit.Reg.R10;
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
import static dev.lamina.cpu.jit.Routine.LANES;
import static dev.lamina.cpu.jit.Routine.VECTOR_BYTES;

/**
 * Writes the gradient of a {@link PooledConvolution}'s image.
 *
 * <p>For each window and each position in it, the filters that won there add their weights, times
 * their values, to the image around that place; a ReLU has made many values zero, and these add
 * nothing. The place is read and written once for all of them and stays in registers meanwhile, in
 * parts where it is larger than the registers.
 *
 * <p>Arguments: values, positions, weights [filters][kernelHeight][run], gradient of the image,
 * scratch.
 */
final class PooledData {
  private static final int SUMS = 15;

  /** Filters whose positions are compared at once: bytes of half a register. */
  private static final int COMPARED = 16;

  private static final int VALUE = 15;

  private final PooledConvolution shape;
  private final long constants;
  private final long mask;
  private final boolean tiled;
  private final Routine routine = new Routine(4);
  private final Assembler asm = routine.asm();
  private final Address result = routine.local();

  /**
   * Prepares to write.
   *
   * @param constants address of each position in a window, repeated in sixteen bytes
   * @param mask address of the mask for a run's last vector; the one for rows of the image follows
   */
  PooledData(PooledConvolution shape, long constants, long mask) {
    this.shape = shape;
    this.constants = constants;
    this.mask = mask;
    tiled = tiled(shape);
  }

  private static boolean tiled(PooledConvolution shape) {
    return shape.padHeight() > 0
        || shape.padWidth() > 0
        || !shape.wholeRuns()
        || shape.imageFloats() % LANES != 0;
  }

  /** Scratch: weights in rows of whole vectors, where they do not fill them, then one image. */
  static long scratchBytes(PooledConvolution shape) {
    return weightBytes(shape) + (tiled(shape) ? (long) shape.tileFloats() * Float.BYTES : 0);
  }

  private static int weightBytes(PooledConvolution shape) {
    return shape.wholeRuns() ? 0 : shape.filters() * shape.filterVectors() * VECTOR_BYTES;
  }

  byte[] write() {
    if (!shape.wholeRuns()) {
      writeWeights();
    }
    asm.mov(RDX, Address.at(RDI, 0));
    asm.mov(RCX, Address.at(RDI, Long.BYTES));
    asm.mov(RAX, Address.at(RDI, 3 * Long.BYTES));
    asm.mov(result, RAX);
    asm.mov(RBX, constants);
    asm.mov(RBP, Address.at(RDI, (shape.wholeRuns() ? 2 : 4) * Long.BYTES));
    routine.repeat(R10, shape.images(), this::writeImage);
    return routine.end();
  }

  /** Fills the weights' rows up with zeros, which then add nothing to the next pixel. */
  private void writeWeights() {
    asm.mov(RSI, Address.at(RDI, 2 * Long.BYTES));
    asm.mov(RDX, Address.at(RDI, 4 * Long.BYTES));
    asm.mov(RAX, mask);
    asm.load(VALUE, Address.at(RAX, 0));
    int from = shape.run() * Float.BYTES;
    int whole = shape.run() / LANES;
    routine.repeat(
        R8,
        shape.filters() * shape.kernelHeight(),
        () -> {
          for (int v = 0; v < whole; v++) {
            asm.load(0, Address.at(RSI, v * VECTOR_BYTES));
            asm.store(Address.at(RDX, v * VECTOR_BYTES), 0);
          }
          asm.load(0, Address.at(RSI, whole * VECTOR_BYTES), VALUE);
          asm.store(Address.at(RDX, whole * VECTOR_BYTES), 0);
          asm.add(RSI, from);
          asm.add(RDX, shape.runVectors() * VECTOR_BYTES);
        });
  }

  private int row() {
    return tiled ? shape.tileRow() : shape.width() * shape.pitch();
  }

  private void loadTile(Reg to) {
    if (tiled) {
      asm.mov(to, Address.at(RDI, 4 * Long.BYTES));
      asm.add(to, weightBytes(shape));
    } else {
      asm.mov(to, result);
    }
  }

  private void writeImage() {
    loadTile(RSI);
    routine.clear(RSI, R8, tiled ? shape.tileFloats() : shape.imageFloats(), 0);
    loadTile(RSI);
    int rowStep = shape.windowRowStep(row());
    routine.repeat(
        R9,
        shape.pooledHeight(),
        () -> {
          routine.repeat(R8, shape.pooledWidth(), this::writeWindow);
          asm.add(RSI, rowStep - shape.pooledWidth() * shape.windowStep());
        });
    if (tiled) {
      writeCopy();
    } else {
      asm.mov(RAX, result);
      asm.add(RAX, shape.imageFloats() * Float.BYTES);
      asm.mov(result, RAX);
    }
  }

  /** Copies the image out of its border. */
  private void writeCopy() {
    int rowFloats = shape.width() * shape.pitch();
    int border = shape.padHeight() * shape.tileRow() + shape.padWidth() * shape.pitch();
    loadTile(RSI);
    asm.add(RSI, border * Float.BYTES);
    asm.mov(R12, result);
    asm.mov(RAX, mask);
    asm.load(VALUE, Address.at(RAX, VECTOR_BYTES));
    int row = shape.tileRow() * Float.BYTES;
    routine.repeat(
        R9,
        shape.height(),
        () -> routine.copyRow(RSI, row, R12, rowFloats * Float.BYTES, rowFloats, 0, VALUE));
    asm.mov(result, R12);
  }

  private void writeWindow() {
    for (int first = 0; first < shape.filters(); first += COMPARED) {
      writeLive(first);
      for (int k = 0; k < shape.windowArea(); k++) {
        writePosition(first, k);
      }
    }
    asm.add(RSI, shape.windowStep());
    asm.add(RDX, shape.filterPitch() * Float.BYTES);
    asm.add(RCX, shape.filterPitch());
  }

  /** Finds in R12 which of sixteen filters from {@code first} on have a value but zero. */
  private void writeLive(int first) {
    asm.zero(0);
    asm.different(1, 0, Address.at(RDX, first * Float.BYTES));
    asm.signsOfFloats(R12, 1);
    int present = Math.min(COMPARED, shape.filters() - first);
    if (present > LANES) {
      asm.different(1, 0, Address.at(RDX, (first + LANES) * Float.BYTES));
      asm.signsOfFloats(RAX, 1);
      asm.shiftLeft(RAX, LANES);
      asm.or(R12, RAX);
    }
    if (present % LANES != 0) {
      asm.and(R12, (1 << present) - 1);
    }
  }

  /** Adds what sixteen filters from {@code first} on have at position {@code k}. */
  private void writePosition(int first, int k) {
    Label none = new Label();
    asm.loadBytes(0, Address.at(RCX, first));
    asm.equalBytes(0, 0, Address.at(RBX, k * COMPARED));
    asm.signs(R14, 0);
    asm.and(R14, R12);
    asm.jumpIfZero(none);
    int vectors = shape.filterVectors();
    int parts = (vectors + SUMS - 1) / SUMS;
    int from = 0;
    for (int part = 0; part < parts; part++) {
      int to = vectors * (part + 1) / parts;
      writePart(first, shape.offset(k, row()), from, to);
      from = to;
    }
    asm.place(none);
  }

  private void writePart(int first, int place, int from, int to) {
    for (int v = from; v < to; v++) {
      asm.load(v - from, Address.at(RSI, place + at(v)));
    }
    Label next = new Label();
    asm.mov(R13, R14);
    asm.place(next);
    asm.lowestBit(RAX, R13);
    asm.broadcast(VALUE, Address.at(RDX, RAX, Float.BYTES, first * Float.BYTES));
    asm.imul(RAX, RAX, shape.filterVectors() * VECTOR_BYTES);
    asm.add(RAX, RBP);
    for (int v = from; v < to; v++) {
      int weight = (first * shape.filterVectors() + v) * VECTOR_BYTES;
      asm.multiplyAdd(v - from, VALUE, Address.at(RAX, weight));
    }
    asm.lea(R15, Address.at(R13, -1));
    asm.and(R13, R15);
    asm.jumpIfNotZero(next);
    for (int v = from; v < to; v++) {
      asm.store(Address.at(RSI, place + at(v)), v - from);
    }
  }

  /** Bytes from a place in the image to where a filter's vector meets it. */
  private int at(int vector) {
    int y = vector / shape.runVectors();
    int x = vector % shape.runVectors();
    return y * row() * Float.BYTES + x * VECTOR_BYTES;
  }
}
