package dev.lamina.cpu.jit;

import static dev.lamina.cpu.jit.Reg.R10;
import static dev.lamina.cpu.jit.Reg.R8;
import static dev.lamina.cpu.jit.Reg.R9;
import static dev.lamina.cpu.jit.Reg.RAX;
import static dev.lamina.cpu.jit.Reg.RCX;
import static dev.lamina.cpu.jit.Reg.RDI;
import static dev.lamina.cpu.jit.Reg.RDX;
import static dev.lamina.cpu.jit.Reg.RSI;
import static dev.lamina.cpu.jit.Routine.LANES;
import static dev.lamina.cpu.jit.Routine.VECTOR_BYTES;

import java.util.List;

/**
 * Writes an optimizer's update of a flat run, vector by vector.
 *
 * <p>Arguments: parameters, states, scalars, then the gradients, which are summed.
 */
abstract class FlatUpdate {
  private static final int MASK = 15;

  /** Registers for the addresses of parameters and states. */
  private static final List<Reg> OPERANDS = List.of(RSI, RDX, R10);

  /** Registers for the addresses of gradients. */
  private static final List<Reg> GRADIENTS = List.of(RCX, R8, R9);

  private final Routine routine = new Routine(0);
  private final int length;
  private final int states;
  private final int gradients;
  private final long constants;

  /**
   * Prepares to write.
   *
   * @param gradients at most {@link #mostGradients()}
   * @param constants address of a mask for the last vector, then the constants
   */
  FlatUpdate(int length, int states, int gradients, long constants) {
    this.length = length;
    this.states = states;
    this.gradients = gradients;
    this.constants = constants;
  }

  static int mostGradients() {
    return GRADIENTS.size();
  }

  Assembler asm() {
    return routine.asm();
  }

  /** Puts constant {@code index} into all lanes. */
  void constant(int to, int index) {
    asm().broadcast(to, Address.at(RAX, VECTOR_BYTES + index * Float.BYTES));
  }

  /** Puts scalar {@code index} into all lanes. */
  void scalar(int to, int index) {
    asm().broadcast(to, Address.at(RDX, index * Float.BYTES));
  }

  /** Brings constants and scalars into registers, from the highest free one, 14, down. */
  abstract void writeStart();

  /** Updates one vector in the registers that {@link #writeStart} has left free. */
  abstract void writeVector(boolean partial);

  byte[] write() {
    Assembler asm = asm();
    asm.mov(RAX, constants);
    asm.load(MASK, Address.at(RAX, 0));
    asm.mov(RDX, Address.at(RDI, (1 + states) * Long.BYTES));
    writeStart();
    for (int i = 0; i <= states; i++) {
      asm.mov(OPERANDS.get(i), Address.at(RDI, i * Long.BYTES));
    }
    for (int g = 0; g < gradients; g++) {
      asm.mov(GRADIENTS.get(g), Address.at(RDI, (2 + states + g) * Long.BYTES));
    }
    routine.repeat(RAX, length / LANES, () -> writeStep(false));
    if (length % LANES > 0) {
      writeStep(true);
    }
    return routine.end();
  }

  private void writeStep(boolean partial) {
    writeVector(partial);
    for (int i = 0; i <= states; i++) {
      asm().add(OPERANDS.get(i), VECTOR_BYTES);
    }
    for (int g = 0; g < gradients; g++) {
      asm().add(GRADIENTS.get(g), VECTOR_BYTES);
    }
  }

  /** Reads parameters (operand 0) or a state (from 1 on). */
  void load(int to, int operand, boolean partial) {
    load(to, Address.at(OPERANDS.get(operand), 0), partial);
  }

  /** Writes parameters or a state. */
  void store(int operand, int from, boolean partial) {
    Address to = Address.at(OPERANDS.get(operand), 0);
    if (partial) {
      asm().store(to, from, MASK);
    } else {
      asm().store(to, from);
    }
  }

  /** The sum of all gradients; {@code scratch} is changed. */
  void gradient(int to, int scratch, boolean partial) {
    load(to, Address.at(GRADIENTS.get(0), 0), partial);
    for (int g = 1; g < gradients; g++) {
      load(scratch, Address.at(GRADIENTS.get(g), 0), partial);
      asm().add(to, to, scratch);
    }
  }

  private void load(int to, Address from, boolean partial) {
    if (partial) {
      asm().load(to, from, MASK);
    } else {
      asm().load(to, from);
    }
  }
}
