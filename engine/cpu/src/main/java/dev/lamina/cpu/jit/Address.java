package dev.lamina.cpu.jit;

/**
 * A memory operand: {@code base + index * scale + displacement}.
 *
 * @param index null for none
 * @param scale 1, 2, 4 or 8
 */
record Address(Reg base, Reg index, int scale, int displacement) {
  Address {
    if (index == Reg.RSP || Integer.bitCount(scale) != 1 || scale > 8) {
      throw new IllegalArgumentException("no such address: index " + index + " * " + scale);
    }
  }

  static Address at(Reg base, int displacement) {
    return new Address(base, null, 1, displacement);
  }

  static Address at(Reg base, Reg index, int scale, int displacement) {
    return new Address(base, index, scale, displacement);
  }
}
