package dev.lamina.device;

/**
 * Arguments that do not fit a kernel: their count, a type, or an array that is too small. The
 * message names task, kernel and parameter, what was given, and what to give.
 */
public final class KernelArgumentException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** The position where it is the count that is wrong. */
  public static final int COUNT = -1;

  private final String task;
  private final String kernel;
  private final int position;

  /**
   * Makes the exception.
   *
   * @param task name in its graph
   * @param kernel name in its source
   * @param position of the argument, from 0, or {@link #COUNT}
   * @param reason what was given and what to give
   */
  public KernelArgumentException(String task, String kernel, int position, String reason) {
    super("task \"%s\", kernel %s: %s".formatted(task, kernel, reason));
    this.task = task;
    this.kernel = kernel;
    this.position = position;
  }

  /** Returns the task's name. */
  public String task() {
    return task;
  }

  /** Returns the kernel's name. */
  public String kernel() {
    return kernel;
  }

  /** Returns the argument's position, from 0, or {@link #COUNT}. */
  public int position() {
    return position;
  }
}
