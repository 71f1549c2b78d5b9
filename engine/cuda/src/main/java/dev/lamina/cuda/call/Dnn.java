package dev.lamina.cuda.call;

import java.util.List;

/** cuDNN's convolutions, with one handle on one stream, each in the precision of its shape. */
public interface Dnn extends AutoCloseable {
  /** The three passes. */
  enum Pass {
    /** y of x and weight. */
    FORWARD,
    /** dx of weight and dy. */
    BACKWARD_DATA,
    /** dweight of x and dy. */
    BACKWARD_WEIGHTS
  }

  /**
   * An algorithm that can run a convolution.
   *
   * @param number cuDNN's number for it
   * @param deterministic whether equal inputs give equal bits
   * @param workspaceBytes scratch that it needs
   */
  record Algorithm(int number, boolean deterministic, long workspaceBytes) {}

  /** Lets later convolutions run on that stream. */
  void use(Handle stream);

  /** Makes the descriptors of a convolution. */
  Handle describe(ConvolutionShape shape);

  /** Destroys them. */
  void destroy(Handle convolution);

  /** Returns the algorithms for a pass that can run, the one expected to be fastest first. */
  List<Algorithm> algorithms(Handle convolution, Pass pass);

  /**
   * Runs a pass: of x and weight to y, of weight and dy to dx, of x and dy to dweight.
   *
   * @param left the first operand
   * @param right the second operand
   * @param result what is written
   * @param workspace scratch of the algorithm's size; 0 where that is 0
   */
  void run(
      Handle convolution,
      Pass pass,
      Algorithm algorithm,
      long left,
      long right,
      long result,
      long workspace);

  @Override
  void close();
}
