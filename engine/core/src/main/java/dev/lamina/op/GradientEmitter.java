package dev.lamina.op;

/** What {@link Op#gradient} works with: the op's call, and a place to emit further ops. */
public interface GradientEmitter {
  /** Returns input {@code position} of the call. */
  Operand input(int position);

  /** Returns the number of inputs of the call. */
  int inputs();

  /** Returns output {@code position} of the call. */
  Operand output(int position);

  /** Returns the gradient of the loss with respect to output {@code position}. */
  Operand outputGradient(int position);

  /** Says whether anything needs the gradient of input {@code position}. */
  boolean wants(int position);

  /**
   * Adds an op to the backward pass and returns its outputs.
   *
   * @param role what the call is for, appended to the forward node's name, for example {@code
   *     backward_data}
   */
  Operand[] emit(String role, Op op, Operand... inputs);

  /** Hands over the gradient of input {@code position}, which is wanted; once at most. */
  void gradient(int position, Operand value);
}
