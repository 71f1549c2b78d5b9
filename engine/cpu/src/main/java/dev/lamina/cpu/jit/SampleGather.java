package dev.lamina.cpu.jit;

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
 * Writes the gathering of samples of bytes: {@code value * factor[channel] + shift[channel]}.
 *
 * <p>Arguments: samples, indices of the rows wanted, 32 bits each, result.
 */
final class SampleGather {
  /** Vectors worked on at once. */
  private static final int UNROLLED = 4;

  private static final int FACTOR = 14;
  private static final int SHIFT = 15;

  private final int rows;
  private final int channels;
  private final int plane;
  private final long constants;
  private final Routine routine = new Routine(0);
  private final Assembler asm = routine.asm();

  /**
   * Prepares to write.
   *
   * @param plane bytes of a channel, at least a vector's lanes
   * @param constants address of factor and shift of each channel
   */
  SampleGather(int rows, int channels, int plane, long constants) {
    this.rows = rows;
    this.channels = channels;
    this.plane = plane;
    this.constants = constants;
  }

  byte[] write() {
    asm.mov(RCX, Address.at(RDI, Long.BYTES));
    asm.mov(RDX, Address.at(RDI, 2 * Long.BYTES));
    routine.repeat(R9, rows, this::writeRow);
    return routine.end();
  }

  private void writeRow() {
    asm.movInt(RSI, Address.at(RCX, 0));
    asm.add(RCX, Integer.BYTES);
    asm.imul(RSI, RSI, channels * plane);
    asm.add(RSI, Address.at(RDI, 0));
    asm.mov(RBX, constants);
    routine.repeat(RAX, channels, this::writePlane);
  }

  private void writePlane() {
    asm.broadcast(FACTOR, Address.at(RBX, 0));
    asm.broadcast(SHIFT, Address.at(RBX, Float.BYTES));
    asm.add(RBX, 2 * Float.BYTES);
    int whole = plane / (UNROLLED * LANES);
    routine.repeat(
        R8,
        whole,
        () -> {
          for (int v = 0; v < UNROLLED; v++) {
            writeVector(v, v * LANES);
          }
          asm.add(RSI, UNROLLED * LANES);
          asm.add(RDX, UNROLLED * VECTOR_BYTES);
        });
    int rest = plane % (UNROLLED * LANES);
    // The last vector overlaps the one before, so that nothing behind the plane is touched.
    for (int first = 0; first < rest; first += LANES) {
      writeVector(0, Math.min(first, rest - LANES));
    }
    asm.add(RSI, rest);
    asm.add(RDX, rest * Float.BYTES);
  }

  private void writeVector(int v, int first) {
    asm.bytesToInts(v, Address.at(RSI, first));
    asm.intsToFloats(v, v);
    asm.copy(v + UNROLLED, SHIFT);
    asm.multiplyAdd(v + UNROLLED, v, FACTOR);
    asm.store(Address.at(RDX, first * Float.BYTES), v + UNROLLED);
  }
}
