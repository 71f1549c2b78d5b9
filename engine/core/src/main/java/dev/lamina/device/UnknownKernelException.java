package dev.lamina.device;

import java.util.List;

/** A kernel that its source does not have. */
public final class UnknownKernelException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String kernel;
  private final transient List<String> available;

  /**
   * Makes the exception.
   *
   * @param task name in its graph
   * @param kernel what was asked for
   * @param available the kernels that the source has
   */
  public UnknownKernelException(String task, Kernel kernel, List<String> available) {
    super(
        "task \"%s\": %s has no kernel %s; it has %s"
            .formatted(
                task,
                kernel.file(),
                kernel.name(),
                available.isEmpty() ? "none at all" : String.join(", ", available)));
    this.kernel = kernel.name();
    this.available = List.copyOf(available);
  }

  /** Returns the name that was asked for. */
  public String kernel() {
    return kernel;
  }

  /** Returns the kernels that the source has. */
  public List<String> available() {
    return available;
  }
}
