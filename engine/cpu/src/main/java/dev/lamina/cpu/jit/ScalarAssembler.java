package dev.lamina.cpu.jit;

import java.util.Arrays;

/**
 * Writes x86-64 machine code: the few jumps and integer instructions that loops need.
 *
 * <p>Operands stand in Intel's order, destination first.
 */
abstract class ScalarAssembler {
  private static final int REX_W = 0x48;

  private byte[] code = new byte[1024];
  private int length;

  /** The code so far; all labels must have been placed. */
  byte[] code() {
    return Arrays.copyOf(code, length);
  }

  // ---- Jumps

  void place(Label label) {
    label.place(length);
    label.uses().forEach(use -> putDistance(use, length));
  }

  /** Jumps if the last comparison's first operand was less than the second, both signed. */
  void jumpIfLess(Label label) {
    jump(label, 0x0F, 0x8C);
  }

  void jumpIfZero(Label label) {
    jump(label, 0x0F, 0x84);
  }

  void jumpIfNotZero(Label label) {
    jump(label, 0x0F, 0x85);
  }

  void jump(Label label) {
    jump(label, new int[] {0xE9});
  }

  private void jump(Label label, int... opcode) {
    for (int b : opcode) {
      put(b);
    }
    int use = length;
    putInt(0);
    if (label.placed()) {
      putDistance(use, label.position());
    } else {
      label.usedAt(use);
    }
  }

  private void putDistance(int use, int target) {
    int distance = target - (use + Integer.BYTES);
    for (int i = 0; i < Integer.BYTES; i++) {
      code[use + i] = (byte) (distance >> 8 * i);
    }
  }

  void ret() {
    put(0xC3);
  }

  // ---- Integers, 64 bits wide

  void push(Reg r) {
    if (r.ordinal() > 7) {
      put(0x41);
    }
    put(0x50 + (r.ordinal() & 7));
  }

  void pop(Reg r) {
    if (r.ordinal() > 7) {
      put(0x41);
    }
    put(0x58 + (r.ordinal() & 7));
  }

  void mov(Reg to, Reg from) {
    registers(0x8B, to, from);
  }

  void mov(Reg to, Address from) {
    memory(0x8B, to, from);
  }

  void mov(Address to, Reg from) {
    memory(0x89, from, to);
  }

  void mov(Reg to, long value) {
    if (value == (int) value) {
      rex(REX_W, 0, 0, to.ordinal());
      put(0xC7);
      put(0xC0 | to.ordinal() & 7);
      putInt((int) value);
    } else {
      rex(REX_W, 0, 0, to.ordinal());
      put(0xB8 + (to.ordinal() & 7));
      putInt((int) value);
      putInt((int) (value >> 32));
    }
  }

  /** Reads a byte and fills it up with zeros. */
  void movByte(Reg to, Address from) {
    rexFor(REX_W, to.ordinal(), from);
    put(0x0F);
    put(0xB6);
    operand(to.ordinal(), from);
  }

  /** Reads 32 bits and fills them up with the sign. */
  void movInt(Reg to, Address from) {
    memory(0x63, to, from);
  }

  void lea(Reg to, Address from) {
    memory(0x8D, to, from);
  }

  void add(Reg to, Reg value) {
    registers(0x03, to, value);
  }

  void add(Reg to, Address value) {
    memory(0x03, to, value);
  }

  void add(Reg to, int value) {
    immediate(0, to, value);
  }

  void sub(Reg to, int value) {
    immediate(5, to, value);
  }

  void and(Reg to, Reg value) {
    registers(0x23, to, value);
  }

  void and(Reg to, int value) {
    immediate(4, to, value);
  }

  void or(Reg to, Reg value) {
    registers(0x0B, to, value);
  }

  void shiftLeft(Reg to, int bits) {
    rex(REX_W, 0, 0, to.ordinal());
    put(0xC1);
    put(0xE0 | to.ordinal() & 7);
    put(bits);
  }

  void cmp(Reg left, Reg right) {
    registers(0x3B, left, right);
  }

  void cmp(Reg left, int right) {
    immediate(7, left, right);
  }

  /** Sets the flags of {@code value}, zero or not. */
  void test(Reg value) {
    registers(0x85, value, value);
  }

  void imul(Reg to, Reg from, int factor) {
    rex(REX_W, to.ordinal(), 0, from.ordinal());
    put(0x69);
    put(0xC0 | (to.ordinal() & 7) << 3 | from.ordinal() & 7);
    putInt(factor);
  }

  /** The position of the lowest set bit; undefined if there is none. */
  void lowestBit(Reg to, Reg from) {
    rex(REX_W, to.ordinal(), 0, from.ordinal());
    put(0x0F);
    put(0xBC);
    put(0xC0 | (to.ordinal() & 7) << 3 | from.ordinal() & 7);
  }

  /** Adds to a number in memory and returns what it was, in one step that no thread divides. */
  void fetchAndAdd(Address number, Reg value) {
    put(0xF0);
    rexFor(REX_W, value.ordinal(), number);
    put(0x0F);
    put(0xC1);
    operand(value.ordinal(), number);
  }

  private void registers(int opcode, Reg to, Reg from) {
    rex(REX_W, to.ordinal(), 0, from.ordinal());
    put(opcode);
    put(0xC0 | (to.ordinal() & 7) << 3 | from.ordinal() & 7);
  }

  private void memory(int opcode, Reg register, Address address) {
    rexFor(REX_W, register.ordinal(), address);
    put(opcode);
    operand(register.ordinal(), address);
  }

  private void immediate(int operation, Reg to, int value) {
    rex(REX_W, 0, 0, to.ordinal());
    put(0x81);
    put(0xC0 | operation << 3 | to.ordinal() & 7);
    putInt(value);
  }

  // ---- Encoding, for this class and those built on it

  private void rexFor(int base, int register, Address address) {
    int index = address.index() == null ? 0 : address.index().ordinal();
    rex(base, register, index, address.base().ordinal());
  }

  private void rex(int base, int register, int index, int rm) {
    put(base | (register > 7 ? 4 : 0) | (index > 7 ? 2 : 0) | (rm > 7 ? 1 : 0));
  }

  /** ModRM, SIB and displacement. */
  final void operand(int register, Address address) {
    int base = address.base().ordinal() & 7;
    int displacement = address.displacement();
    // Bases rbp and r13 have no form without displacement, rsp and r12 none without SIB.
    int mode = displacement == 0 && base != 5 ? 0 : displacement == (byte) displacement ? 1 : 2;
    boolean sib = address.index() != null || base == 4;
    put(mode << 6 | (register & 7) << 3 | (sib ? 4 : base));
    if (sib) {
      int index = address.index() == null ? 4 : address.index().ordinal() & 7;
      put(Integer.numberOfTrailingZeros(address.scale()) << 6 | index << 3 | base);
    }
    if (mode == 1) {
      put(displacement);
    } else if (mode == 2) {
      putInt(displacement);
    }
  }

  final void put(int value) {
    if (length == code.length) {
      code = Arrays.copyOf(code, 2 * length);
    }
    code[length++] = (byte) value;
  }

  private void putInt(int value) {
    for (int i = 0; i < Integer.BYTES; i++) {
      put(value >> 8 * i);
    }
  }
}
