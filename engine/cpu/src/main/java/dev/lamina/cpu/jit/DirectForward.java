package dev.lamina.cpu.jit;

import static dev.lamina.cpu.jit.Reg.R10;
import static dev.lamina.cpu.jit.Reg.R11;
import static dev.lamina.cpu.jit.Reg.R12;
import static dev.lamina.cpu.jit.Reg.R13;
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
 * <p>Arguments: image, weights, bias, result, scratch.
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

  /**
   * Prepares to write.
   *
   * @param mask address of the mask for the bias's last vector; the one for rows of the image
   *     follows
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

  /** Scratch: one image with its border. */
  static long scratchBytes(DirectConvolution shape) {
    return shape.padded() ? (long) shape.tileFloats() * Float.BYTES : 0;
  }

  byte[] write() {
    keep(image, 0);
    keep(result, 3);
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
    int outRow = shape.outWidth() * shape.resultPitch() * Float.BYTES;
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
      asm.mov(RCX, result);
      asm.add(RCX, first * VECTOR_BYTES);
      int vector = first;
      routine.repeat(R10, shape.outHeight(), () -> writeRow(vector));
    }
    asm.mov(RAX, result);
    asm.add(RAX, shape.outHeight() * outRow);
    asm.mov(result, RAX);
    if (!shape.padded()) {
      asm.mov(RAX, image);
      asm.add(RAX, shape.height() * shape.tileRow() * Float.BYTES);
      asm.mov(image, RAX);
    }
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
        int at = i * shape.resultPitch() * Float.BYTES + w * VECTOR_BYTES;
        asm.store(Address.at(RCX, at), i * wide + w);
      }
    }
    asm.add(R8, pixels * shape.strideWidth() * shape.pitch() * Float.BYTES);
    asm.add(RCX, pixels * shape.resultPitch() * Float.BYTES);
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
