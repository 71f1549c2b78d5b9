package dev.lamina.cpu.jit;

import static dev.lamina.cpu.jit.Reg.R8;
import static dev.lamina.cpu.jit.Reg.R9;
import static dev.lamina.cpu.jit.Reg.RAX;
import static dev.lamina.cpu.jit.Reg.RCX;
import static dev.lamina.cpu.jit.Reg.RDI;
import static dev.lamina.cpu.jit.Reg.RDX;
import static dev.lamina.cpu.jit.Reg.RSI;
import static dev.lamina.cpu.jit.Routine.LANES;
import static dev.lamina.cpu.jit.Routine.VECTOR_BYTES;

/**
 * Writes stochastic gradient descent with momentum over a flat run: {@code g = scale * (sum of
 * gradients) + decay * p; v = momentum * v + g; p -= rate * v}, with Nesterov {@code p -= rate * (g
 * + momentum * v)}.
 *
 * <p>Arguments: parameters, velocities, scalars (rate, scale), then the gradients.
 */
final class MomentumDescent {
  private static final int RATE = 15;
  private static final int SCALE = 14;
  private static final int MOMENTUM = 13;
  private static final int DECAY = 12;
  private static final int MASK = 11;

  private final int length;
  private final int gradients;
  private final boolean decays;
  private final boolean nesterov;
  private final long constants;
  private final Routine routine = new Routine(0);
  private final Assembler asm = routine.asm();

  /**
   * Prepares to write.
   *
   * @param gradients number of gradients that are summed, at most three
   * @param constants address of momentum and decay, then a mask for the last vector
   */
  MomentumDescent(int length, int gradients, boolean decays, boolean nesterov, long constants) {
    this.length = length;
    this.gradients = gradients;
    this.decays = decays;
    this.nesterov = nesterov;
    this.constants = constants;
  }

  /** Where the gradients' addresses are kept. */
  private static final Reg[] GRADIENT = {RCX, R8, R9};

  static int mostGradients() {
    return GRADIENT.length;
  }

  byte[] write() {
    asm.mov(RAX, constants);
    asm.broadcast(MOMENTUM, Address.at(RAX, 0));
    asm.broadcast(DECAY, Address.at(RAX, Float.BYTES));
    asm.load(MASK, Address.at(RAX, VECTOR_BYTES));
    asm.mov(RAX, Address.at(RDI, 2 * Long.BYTES));
    asm.broadcast(RATE, Address.at(RAX, 0));
    asm.broadcast(SCALE, Address.at(RAX, Float.BYTES));
    asm.mov(RSI, Address.at(RDI, 0));
    asm.mov(RDX, Address.at(RDI, Long.BYTES));
    for (int g = 0; g < gradients; g++) {
      asm.mov(GRADIENT[g], Address.at(RDI, (3 + g) * Long.BYTES));
    }
    routine.repeat(RAX, length / (2 * LANES), () -> writeVectors(2, false));
    if (length % (2 * LANES) >= LANES) {
      writeVectors(1, false);
    }
    if (length % LANES > 0) {
      writeVectors(1, true);
    }
    return routine.end();
  }

  private void writeVectors(int count, boolean partial) {
    for (int v = 0; v < count; v++) {
      int at = v * VECTOR_BYTES;
      int p = 5 * v;
      int velocity = p + 1;
      int g = p + 2;
      int other = p + 3;
      load(p, Address.at(RSI, at), partial);
      load(velocity, Address.at(RDX, at), partial);
      load(g, Address.at(GRADIENT[0], at), partial);
      for (int i = 1; i < gradients; i++) {
        load(other, Address.at(GRADIENT[i], at), partial);
        asm.add(g, g, other);
      }
      asm.multiply(g, g, SCALE);
      if (decays) {
        asm.multiplyAdd(g, p, DECAY);
      }
      asm.copy(other, g);
      asm.multiplyAdd(other, velocity, MOMENTUM);
      store(Address.at(RDX, at), other, partial);
      if (nesterov) {
        asm.multiplyAdd(g, other, MOMENTUM);
        asm.multiplySubtract(p, g, RATE);
      } else {
        asm.multiplySubtract(p, other, RATE);
      }
      store(Address.at(RSI, at), p, partial);
    }
    asm.add(RSI, count * VECTOR_BYTES);
    asm.add(RDX, count * VECTOR_BYTES);
    for (int i = 0; i < gradients; i++) {
      asm.add(GRADIENT[i], count * VECTOR_BYTES);
    }
  }

  private void load(int to, Address from, boolean partial) {
    if (partial) {
      asm.load(to, from, MASK);
    } else {
      asm.load(to, from);
    }
  }

  private void store(Address to, int from, boolean partial) {
    if (partial) {
      asm.store(to, from, MASK);
    } else {
      asm.store(to, from);
    }
  }
}
