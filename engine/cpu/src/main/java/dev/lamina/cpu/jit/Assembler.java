package dev.lamina.cpu.jit;

/**
 * Writes x86-64 machine code: what loops need, and AVX2 with FMA.
 *
 * <p>Vector registers are the numbers 0 to 15, 256 bits wide unless a method says otherwise.
 */
final class Assembler extends ScalarAssembler {
  private static final int MAP_0F = 1;
  private static final int MAP_0F38 = 2;
  private static final int MAP_0F3A = 3;
  private static final int NO_PREFIX = 0;
  private static final int PREFIX_66 = 1;

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
}
