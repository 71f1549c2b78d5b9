package dev.lamina.cpu.jit;

import static dev.lamina.cpu.jit.Reg.R12;
import static dev.lamina.cpu.jit.Reg.R13;
import static dev.lamina.cpu.jit.Reg.R14;
import static dev.lamina.cpu.jit.Reg.R15;
import static dev.lamina.cpu.jit.Reg.RBP;
import static dev.lamina.cpu.jit.Reg.RBX;
import static dev.lamina.cpu.jit.Reg.RSP;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Writes a function: saved registers, local variables, loops, copies of rows.
 *
 * <p>A function gets the address of its arguments, an array of addresses, in rdi.
 */
final class Routine {
  /** Floats in a vector. */
  static final int LANES = 8;

  static final int VECTOR_BYTES = LANES * Float.BYTES;

  private static final List<Reg> SAVED = List.of(RBX, RBP, R12, R13, R14, R15);

  private final Assembler asm = new Assembler();
  private final int localBytes;
  private int locals;

  /**
   * Starts a function.
   *
   * @param variables local variables that {@link #local} may hand out
   */
  Routine(int variables) {
    localBytes = variables * Long.BYTES;
    SAVED.forEach(asm::push);
    asm.sub(RSP, localBytes);
  }

  Assembler asm() {
    return asm;
  }

  /** Ends the function and returns its code. */
  byte[] end() {
    asm.zeroUpper();
    asm.add(RSP, localBytes);
    List<Reg> reversed = new ArrayList<>(SAVED);
    Collections.reverse(reversed);
    reversed.forEach(asm::pop);
    asm.ret();
    return asm.code();
  }

  /** A new local variable of 64 bits. */
  Address local() {
    if (locals == localBytes) {
      throw new IllegalStateException("more local variables than the function was made for");
    }
    Address variable = Address.at(RSP, locals);
    locals += Long.BYTES;
    return variable;
  }

  /** Runs the body {@code count} times, counting down in a register that the body leaves alone. */
  void repeat(Reg counter, int count, Runnable body) {
    if (count < 2) {
      once(count, body);
      return;
    }
    Label start = new Label();
    asm.mov(counter, count);
    asm.place(start);
    body.run();
    asm.sub(counter, 1);
    asm.jumpIfNotZero(start);
  }

  /** Runs the body {@code count} times, counting down in memory. */
  void repeat(Address counter, Reg scratch, int count, Runnable body) {
    if (count < 2) {
      once(count, body);
      return;
    }
    Label start = new Label();
    asm.mov(scratch, count);
    asm.mov(counter, scratch);
    asm.place(start);
    body.run();
    asm.mov(scratch, counter);
    asm.sub(scratch, 1);
    asm.mov(counter, scratch);
    asm.jumpIfNotZero(start);
  }

  private static void once(int count, Runnable body) {
    if (count == 1) {
      body.run();
    }
  }

  /** Writes zeros from {@code to} on, and moves it to their end. */
  void clear(Reg to, Reg counter, int floats, int zero) {
    if (floats % LANES != 0) {
      throw new IllegalArgumentException("only whole vectors can be cleared, not " + floats);
    }
    asm.zero(zero);
    repeat(
        counter,
        floats / LANES,
        () -> {
          asm.store(Address.at(to, 0), zero);
          asm.add(to, VECTOR_BYTES);
        });
  }

  /**
   * Copies a row of floats and moves both addresses to the next row. A row that does not fill
   * vectors ends in one that overlaps the last but one: partial stores are slow.
   *
   * @param mask register whose sign bits select the lanes of a row shorter than a vector
   */
  void copyRow(Reg from, int fromStride, Reg to, int toStride, int floats, int vector, int mask) {
    if (floats < LANES) {
      asm.load(vector, Address.at(from, 0), mask);
      asm.store(Address.at(to, 0), vector, mask);
    } else {
      for (int first = 0; first < floats; first += LANES) {
        int at = Math.min(first, floats - LANES) * Float.BYTES;
        asm.load(vector, Address.at(from, at));
        asm.store(Address.at(to, at), vector);
      }
    }
    asm.add(from, fromStride);
    asm.add(to, toStride);
  }
}
