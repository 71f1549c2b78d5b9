package dev.lamina.cpu.jit;

import java.util.Arrays;

/**
 * Writes x86-64 machine code: the few integer instructions that loops need, and AVX2 with FMA.
 *
 * <p>Operands stand in Intel's order, destination first. Vector registers are the numbers 0 to 15,
 * 256 bits wide unless a method says otherwise.
 */
final class Assembler {
  private static final int MAP_0F = 1;
  private static final int MAP_0F38 = 2;
  private static final int MAP_0F3A = 3;
  private static final int NO_PREFIX = 0;
  private static final int PREFIX_66 = 1;
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

  // ---- Vectors of eight floats

  void load(int to, Address from) {
    vector(MAP_0F, NO_PREFIX, 0x10, to, 0, from);
  }

  void store(Address to, int from) {
    vector(MAP_0F, NO_PREFIX, 0x11, from, 0, to);
  }

  /** Reads the lanes whose mask has the sign bit set; the others are zero and are not touched. */
  void load(int to, Address from, int mask) {
    vector(MAP_0F38, PREFIX_66, 0x2C, to, mask, from);
  }

  /** Writes the lanes whose mask has the sign bit set; the others are not touched. */
  void store(Address to, int from, int mask) {
    vector(MAP_0F38, PREFIX_66, 0x2E, from, mask, to);
  }

  /** Reads one float into all lanes. */
  void broadcast(int to, Address from) {
    vector(MAP_0F38, PREFIX_66, 0x18, to, 0, from);
  }

  void copy(int to, int from) {
    vector(MAP_0F, NO_PREFIX, 0x28, to, 0, from);
  }

  void zero(int to) {
    vector(MAP_0F, NO_PREFIX, 0x57, to, to, to);
  }

  /** {@code to += left * right}, rounded once. */
  void multiplyAdd(int to, int left, int right) {
    vector(MAP_0F38, PREFIX_66, 0xB8, to, left, right);
  }

  /** {@code to += left * right}, rounded once. */
  void multiplyAdd(int to, int left, Address right) {
    vector(MAP_0F38, PREFIX_66, 0xB8, to, left, right);
  }

  /** {@code to -= left * right}, rounded once. */
  void multiplySubtract(int to, int left, int right) {
    vector(MAP_0F38, PREFIX_66, 0xBC, to, left, right);
  }

  void multiply(int to, int left, int right) {
    vector(MAP_0F, NO_PREFIX, 0x59, to, left, right);
  }

  void divide(int to, int left, int right) {
    vector(MAP_0F, NO_PREFIX, 0x5E, to, left, right);
  }

  void squareRoot(int to, int from) {
    vector(MAP_0F, NO_PREFIX, 0x51, to, 0, from);
  }

  void subtract(int to, int left, int right) {
    vector(MAP_0F, NO_PREFIX, 0x5C, to, left, right);
  }

  void add(int to, int left, int right) {
    vector(MAP_0F, NO_PREFIX, 0x58, to, left, right);
  }

  void add(int to, int left, Address right) {
    vector(MAP_0F, NO_PREFIX, 0x58, to, left, right);
  }

  /** The larger of both; {@code right} where one is not a number. */
  void max(int to, int left, int right) {
    vector(MAP_0F, NO_PREFIX, 0x5F, to, left, right);
  }

  /** All ones where left is larger; zero where one is not a number. */
  void larger(int to, int left, int right) {
    vector(MAP_0F, NO_PREFIX, 0xC2, to, left, right);
    put(0x1E);
  }

  /** All ones where one of the floats is not a number. */
  void unordered(int to, int left, int right) {
    vector(MAP_0F, NO_PREFIX, 0xC2, to, left, right);
    put(3);
  }

  void or(int to, int left, int right) {
    vector(MAP_0F, NO_PREFIX, 0x56, to, left, right);
  }

  /** Takes {@code right} where the mask has the sign bit set, else {@code left}. */
  void blend(int to, int left, int right, int mask) {
    vector(MAP_0F3A, PREFIX_66, 0x4A, to, left, right);
    put(mask << 4);
  }

  /** Reads eight bytes and makes each a 32-bit integer. */
  void bytesToInts(int to, Address from) {
    vector(MAP_0F38, PREFIX_66, 0x31, to, 0, from);
  }

  void intsToFloats(int to, int from) {
    vector(MAP_0F, NO_PREFIX, 0x5B, to, 0, from);
  }

  /**
   * Writes eight 32-bit integers of 0 to 255 as bytes.
   *
   * @param from is changed
   * @param scratch is changed
   */
  void storeBytes(Address to, int from, int scratch) {
    // vextractf128 scratch, from, 1; then the 128-bit vpackusdw and vpackuswb; then vmovq
    vector(MAP_0F3A, PREFIX_66, 0x19, from, 0, scratch);
    put(1);
    narrow(MAP_0F38, 0x2B, from, from, scratch);
    narrow(MAP_0F, 0x67, from, from, from);
    vex(MAP_0F, PREFIX_66, 0, from, 0, to);
    put(0xD6);
    operand(from, to);
  }

  /** All ones where the floats differ or one is not a number. */
  void different(int to, int left, Address right) {
    vector(MAP_0F, NO_PREFIX, 0xC2, to, left, right);
    put(4);
  }

  /** Gathers the sign bits of eight floats. */
  void signsOfFloats(Reg to, int from) {
    put(0xC4);
    put((to.ordinal() > 7 ? 0 : 0x80) | 0x40 | (from > 7 ? 0 : 0x20) | MAP_0F);
    put(0x7C);
    put(0x50);
    put(0xC0 | (to.ordinal() & 7) << 3 | from & 7);
  }

  /** Sixteen bytes, the lower half of a register; the upper half becomes zero. */
  void loadBytes(int to, Address from) {
    vex(MAP_0F, NO_PREFIX, 0, to, 0, from);
    put(0x10);
    operand(to, from);
  }

  /** Compares sixteen bytes; equal ones become all ones. */
  void equalBytes(int to, int left, Address right) {
    vex(MAP_0F, PREFIX_66, 0, to, left, right);
    put(0x74);
    operand(to, right);
  }

  /** Gathers the sign bits of sixteen bytes. */
  void signs(Reg to, int from) {
    put(0xC4);
    put((to.ordinal() > 7 ? 0 : 0x80) | 0x40 | (from > 7 ? 0 : 0x20) | MAP_0F);
    put(0x78 | PREFIX_66);
    put(0xD7);
    put(0xC0 | (to.ordinal() & 7) << 3 | from & 7);
  }

  /** To be called before returning to code that may use older vector instructions. */
  void zeroUpper() {
    put(0xC5);
    put(0xF8);
    put(0x77);
  }

  private void vector(int map, int prefix, int opcode, int register, int second, Address third) {
    vex(map, prefix, 1, register, second, third);
    put(opcode);
    operand(register, third);
  }

  private void vector(int map, int prefix, int opcode, int register, int second, int third) {
    registers(map, prefix, 1, opcode, register, second, third);
  }

  /** On the lower halves, 128 bits. */
  private void narrow(int map, int opcode, int register, int second, int third) {
    registers(map, PREFIX_66, 0, opcode, register, second, third);
  }

  private void registers(
      int map, int prefix, int wide, int opcode, int register, int second, int third) {
    put(0xC4);
    put((register > 7 ? 0 : 0x80) | 0x40 | (third > 7 ? 0 : 0x20) | map);
    put((~second & 15) << 3 | wide << 2 | prefix);
    put(opcode);
    put(0xC0 | (register & 7) << 3 | third & 7);
  }

  private void vex(int map, int prefix, int wide, int register, int second, Address third) {
    boolean highIndex = third.index() != null && third.index().ordinal() > 7;
    boolean highBase = third.base().ordinal() > 7;
    put(0xC4);
    put((register > 7 ? 0 : 0x80) | (highIndex ? 0 : 0x40) | (highBase ? 0 : 0x20) | map);
    put((~second & 15) << 3 | wide << 2 | prefix);
  }

  // ---- Encoding

  private void rexFor(int base, int register, Address address) {
    int index = address.index() == null ? 0 : address.index().ordinal();
    rex(base, register, index, address.base().ordinal());
  }

  private void rex(int base, int register, int index, int rm) {
    put(base | (register > 7 ? 4 : 0) | (index > 7 ? 2 : 0) | (rm > 7 ? 1 : 0));
  }

  /** ModRM, SIB and displacement. */
  private void operand(int register, Address address) {
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

  private void put(int value) {
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
