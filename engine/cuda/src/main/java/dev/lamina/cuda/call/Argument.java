package dev.lamina.cuda.call;

import java.util.List;

/** What a kernel is given for one of its parameters. */
public sealed interface Argument {
  /**
   * Device memory.
   *
   * @param address where it begins
   * @param bytes how much of it the kernel may touch
   */
  record Memory(long address, long bytes) implements Argument {}

  /**
   * A 32-bit integer.
   *
   * @param value the number
   */
  record Int(int value) implements Argument {}

  /**
   * A 32-bit float.
   *
   * @param value the number
   */
  record Real(float value) implements Argument {}

  /**
   * A structure of 32-bit integers, given by value.
   *
   * @param values its members in order
   */
  record Struct(List<Integer> values) implements Argument {
    /** Copies the list. */
    public Struct {
      values = List.copyOf(values);
    }
  }
}
