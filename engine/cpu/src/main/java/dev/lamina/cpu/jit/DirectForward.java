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
import static dev.lamina.cpu.jit.Reg.RBX;
import static dev.lamina.cpu.jit.Reg.RCX;
import static dev.lamina.cpu.jit.Reg.RDI;
import static dev.lamina.cpu.jit.Reg.RDX;
import static dev.lamina.cpu.jit.Reg.RSI;
import static dev.lamina.cpu.jit.Routine.LANES;
import static dev.lamina.cpu.jit.Routine.VECTOR_BYTES;

/**
 * Writes the forward pass of a {@link DirectConvolution}.
 *
 * <p>A block of neighbouring results stays in registers while a filter's row passes over it. Where
 * a row of the filter is a handful of weights, these stay in registers too, and each pixel read
 * serves all results it touches; elsewhere two vectors of filters share each pixel read.
 *
 * <p>With a pooling, the rows of a window go to scratch memory that stays in the first cache, and
 * only winners and their positions to the result.
 *
 * <p>Arguments: image, weights, bias, result, scratch, positions of the winners.
 */
final class DirectForward {
  /** Weights of a row that may stay in registers. */
  private static final int FEW_WEIGHTS = 5;

  private static final int REGISTERS = 16;

  private final DirectConvolution shape;
  private final long mask;
  private final boolean stationary;

  /** Vectors of filters worked on at once. */
  private final int wide;

  private final int block;
  private final Routine routine = new Routine(4);
  private final Assembler asm = routine.asm();
  private final Address image = routine.local();
  private final Address result = routine.local();
  private final Address positions = routine.local();

  /**
   * Prepares to write.
   *
   * @param mask address of the mask for the bias's last vector, then the one for rows of the image,
   *     then for each position of a window a vector of it as integers
   */
  DirectForward(DirectConvolution shape, long mask) {
    this.shape = shape;
    this.mask = mask;
    int weights = shape.kernelWidth() * shape.channels();
    stationary = weights <= FEW_WEIGHTS;
    wide = stationary || shape.filterVectors() % 2 > 0 ? 1 : 2;
    // Weights, and two registers for pixels on their way, leave the rest to results.
    int room = (REGISTERS - (stationary ? weights : wide) - 2) / wide;
    int blocks = (shape.outWidth() + room - 1) / room;
    block = (shape.outWidth() + blocks - 1) / blocks;
  }

  /** Scratch: one image with its border, then the rows of one row of windows. */
  static long scratchBytes(DirectConvolution shape) {
    // Two vectors of filters at most are worked on at once.
    long rows = (long) shape.windowHeight() * shape.outWidth() * 2 * VECTOR_BYTES;
    return tileBytes(shape) + rows;
  }

  private static int tileBytes(DirectConvolution shape) {
    return shape.padded() ? shape.tileFloats() * Float.BYTES : 0;
  }

  byte[] write() {
    keep(image, 0);
    keep(result, 3);
    keep(positions, 5);
    if (shape.padded()) {
      asm.mov(RDX, Address.at(RDI, 4 * Long.BYTES));
      routine.clear(RDX, R8, shape.tileFloats(), 0);
    }
    routine.repeat(R11, shape.images(), this::writeImage);
    return routine.end();
  }

  private void keep(Address variable, int argument) {
    asm.mov(RAX, Address.at(RDI, argument * Long.BYTES));
    asm.mov(variable, RAX);
  }

  private void writeImage() {
    if (shape.padded()) {
      writeCopy();
    }
    for (int first = 0; first < shape.filterVectors(); first += wide) {
      asm.mov(RDX, Address.at(RDI, Long.BYTES));
      asm.add(RDX, first * weightVectorBytes());
      if (shape.bias()) {
        asm.mov(R12, Address.at(RDI, 2 * Long.BYTES));
        asm.add(R12, first * VECTOR_BYTES);
      }
      if (shape.padded()) {
        asm.mov(RSI, Address.at(RDI, 4 * Long.BYTES));
      } else {
        asm.mov(RSI, image);
      }
      int vector = first;
      if (shape.pooled()) {
        writePooled(vector);
      } else {
        asm.mov(RCX, result);
        asm.add(RCX, first * VECTOR_BYTES);
        routine.repeat(R10, shape.outHeight(), () -> writeRow(vector));
      }
    }
    int pixels =
        shape.pooled() ? pooledHeight() * pooledWidth() : shape.outHeight() * shape.outWidth();
    advance(result, pixels * shape.resultPitch() * Float.BYTES);
    if (shape.pooled()) {
      advance(positions, pixels * shape.resultPitch());
    }
    if (!shape.padded()) {
      advance(image, shape.height() * shape.tileRow() * Float.BYTES);
    }
  }

  private void advance(Address variable, int bytes) {
    asm.mov(RAX, variable);
    asm.add(RAX, bytes);
    asm.mov(variable, RAX);
  }

  private int pooledHeight() {
    return shape.outHeight() / shape.windowHeight();
  }

  private int pooledWidth() {
    return shape.outWidth() / shape.windowWidth();
  }

  /** Writes one image's windows for the vectors of filters at hand. */
  private void writePooled(int vector) {
    asm.mov(R14, result);
    asm.add(R14, vector * VECTOR_BYTES);
    asm.mov(R15, positions);
    asm.add(R15, vector * LANES);
    routine.repeat(
        R10,
        pooledHeight(),
        () -> {
          loadRows(RCX);
          for (int row = 0; row < shape.windowHeight(); row++) {
            writeRow(vector);
          }
          loadRows(RCX);
          asm.mov(RAX, mask + 2 * VECTOR_BYTES);
          routine.repeat(R9, pooledWidth(), this::writeWindow);
        });
  }

  private void loadRows(Reg to) {
    asm.mov(to, Address.at(RDI, 4 * Long.BYTES));
    asm.add(to, tileBytes(shape));
  }

  /** Finds the winners of a window; the first of equals wins, what is not a number always does. */
  private void writeWindow() {
    int best = 0;
    int where = 1;
    int candidate = 2;
    int wins = 3;
    int broken = 4;
    int row = shape.outWidth() * pixelBytes();
    for (int w = 0; w < wide; w++) {
      asm.load(best, Address.at(RCX, w * VECTOR_BYTES));
      asm.zero(where);
      for (int k = 1; k < shape.windowHeight() * shape.windowWidth(); k++) {
        int at = k / shape.windowWidth() * row + k % shape.windowWidth() * pixelBytes();
        asm.load(candidate, Address.at(RCX, at + w * VECTOR_BYTES));
        asm.larger(wins, candidate, best);
        asm.unordered(broken, candidate, candidate);
        asm.or(wins, wins, broken);
        asm.blend(best, best, candidate, wins);
        asm.load(candidate, Address.at(RAX, k * VECTOR_BYTES));
        asm.blend(where, where, candidate, wins);
      }
      asm.store(Address.at(R14, w * VECTOR_BYTES), best);
      asm.storeBytes(Address.at(R15, w * LANES), where, candidate);
    }
    asm.add(RCX, shape.windowWidth() * pixelBytes());
    asm.add(R14, shape.resultPitch() * Float.BYTES);
    asm.add(R15, shape.resultPitch());
  }

  /** Bytes from a result to its neighbour, in scratch memory or as it lies in the end. */
  private int pixelBytes() {
    return (shape.pooled() ? wide * LANES : shape.resultPitch()) * Float.BYTES;
  }

  /** Bytes of the weights of one vector of filters. */
  private int weightVectorBytes() {
    return shape.kernelHeight() * shape.kernelWidth() * shape.channels() * VECTOR_BYTES;
  }

  private void writeCopy() {
    int rowFloats = shape.width() * shape.pitch();
    int border = shape.padHeight() * shape.tileRow() + shape.padWidth() * shape.pitch();
    asm.mov(RSI, image);
    asm.mov(RDX, Address.at(RDI, 4 * Long.BYTES));
    asm.add(RDX, border * Float.BYTES);
    asm.mov(RAX, mask);
    asm.load(15, Address.at(RAX, VECTOR_BYTES));
    int row = shape.tileRow() * Float.BYTES;
    routine.repeat(
        R9,
        shape.height(),
        () -> routine.copyRow(RSI, rowFloats * Float.BYTES, RDX, row, rowFloats, 0, 15));
    asm.mov(image, RSI);
  }

  /** Writes a row of results, moves to the next. */
  private void writeRow(int vector) {
    asm.mov(R8, RSI);
    int whole = shape.outWidth() / block;
    routine.repeat(R9, whole, () -> writeBlock(vector, block));
    if (shape.outWidth() % block > 0) {
      writeBlock(vector, shape.outWidth() % block);
    }
    asm.add(RSI, shape.strideHeight() * shape.tileRow() * Float.BYTES);
  }

  /** Writes some neighbouring results; R8 is the first pixel they see, RCX where they go. */
  private void writeBlock(int vector, int pixels) {
    writeStart(vector, pixels);
    if (stationary) {
      writeStationary(pixels);
    } else {
      writeStreaming(pixels);
    }
    if (shape.relu()) {
      int zero = pixels * wide;
      asm.zero(zero);
      for (int i = 0; i < pixels * wide; i++) {
        // This order keeps what is not a number.
        asm.max(i, zero, i);
      }
    }
    for (int i = 0; i < pixels; i++) {
      for (int w = 0; w < wide; w++) {
        asm.store(Address.at(RCX, i * pixelBytes() + w * VECTOR_BYTES), i * wide + w);
      }
    }
    asm.add(R8, pixels * shape.strideWidth() * shape.pitch() * Float.BYTES);
    asm.add(RCX, pixels * pixelBytes());
  }

  private void writeStart(int vector, int pixels) {
    for (int w = 0; w < wide; w++) {
      if (!shape.bias()) {
        asm.zero(w);
      } else if (shape.filters() - (vector + w) * LANES < LANES) {
        asm.mov(RAX, mask);
        asm.load(15, Address.at(RAX, 0));
        asm.load(w, Address.at(R12, w * VECTOR_BYTES), 15);
      } else {
        asm.load(w, Address.at(R12, w * VECTOR_BYTES));
      }
    }
    for (int i = 1; i < pixels; i++) {
      for (int w = 0; w < wide; w++) {
        asm.copy(i * wide + w, w);
      }
    }
  }

  /** Rows of few weights: they stay, pixels pass. */
  private void writeStationary(int pixels) {
    int weights = shape.kernelWidth() * shape.channels();
    int first = REGISTERS - 2 - weights;
    for (int y = 0; y < shape.kernelHeight(); y++) {
      for (int k = 0; k < weights; k++) {
        asm.load(first + k, Address.at(RDX, (y * weights + k) * VECTOR_BYTES));
      }
      int across = (pixels - 1) * shape.strideWidth() + shape.kernelWidth();
      for (int x = 0; x < across; x++) {
        for (int c = 0; c < shape.channels(); c++) {
          int pixel = REGISTERS - 1 - (x * shape.channels() + c) % 2;
          boolean read = false;
          for (int i = 0; i < pixels; i++) {
            int tap = x - i * shape.strideWidth();
            if (tap >= 0 && tap < shape.kernelWidth()) {
              if (!read) {
                int at = y * shape.tileRow() + x * shape.pitch() + c;
                asm.broadcast(pixel, Address.at(R8, at * Float.BYTES));
                read = true;
              }
              asm.multiplyAdd(i, pixel, first + tap * shape.channels() + c);
            }
          }
        }
      }
    }
  }

  /** Rows of many weights: they pass, one by one, over all results of the block. */
  private void writeStreaming(int pixels) {
    int weights = shape.kernelWidth() * shape.channels();
    int first = pixels * wide;
    asm.mov(R13, RDX);
    asm.mov(RAX, R8);
    routine.repeat(
        RBX,
        shape.kernelHeight(),
        () -> {
          for (int x = 0; x < shape.kernelWidth(); x++) {
            for (int c = 0; c < shape.channels(); c++) {
              writeWeight(pixels, first, x, c);
            }
          }
          asm.add(R13, weights * VECTOR_BYTES);
          asm.add(RAX, shape.tileRow() * Float.BYTES);
        });
  }

  private void writeWeight(int pixels, int first, int x, int channel) {
    int k = x * shape.channels() + channel;
    for (int w = 0; w < wide; w++) {
      asm.load(first + w, Address.at(R13, w * weightVectorBytes() + k * VECTOR_BYTES));
    }
    for (int i = 0; i < pixels; i++) {
      int at = (x + i * shape.strideWidth()) * shape.pitch() + channel;
      int pixel = REGISTERS - 1 - i % 2;
      asm.broadcast(pixel, Address.at(RAX, at * Float.BYTES));
      for (int w = 0; w < wide; w++) {
        asm.multiplyAdd(i * wide + w, pixel, first + w);
      }
    }
  }
}
