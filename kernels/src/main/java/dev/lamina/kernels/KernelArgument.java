package dev.lamina.kernels;

import java.util.List;

/** What a kernel is given in one place: an operand of the call, scratch, or a number. */
public sealed interface KernelArgument {
  /**
   * Input {@code position} of the call.
   *
   * @param position from 0
   */
  record Input(int position) implements KernelArgument {}

  /**
   * Output {@code position} of the call.
   *
   * @param position from 0
   */
  record Output(int position) implements KernelArgument {}

  /**
   * A run of the workspace.
   *
   * @param offset in bytes, a multiple of {@link KernelWay#SCRATCH_ALIGNMENT}
   * @param bytes length
   */
  record Scratch(long offset, long bytes) implements KernelArgument {}

  /**
   * A 32-bit integer.
   *
   * @param value the number
   */
  record Int(int value) implements KernelArgument {}

  /**
   * A 32-bit float.
   *
   * @param value the number
   */
  record Real(float value) implements KernelArgument {}

  /**
   * A structure of 32-bit integers, given by value.
   *
   * @param values its members in order
   */
  record Struct(List<Integer> values) implements KernelArgument {
    /** Copies the list. */
    public Struct {
      values = List.copyOf(values);
    }
  }
}
