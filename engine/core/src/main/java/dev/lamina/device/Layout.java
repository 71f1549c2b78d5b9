package dev.lamina.device;

import java.util.Objects;

/**
 * The physical form of one tensor: a tag that the device gave and understands, and the bytes it
 * takes, padding included. Tensors of one spec and equal layouts have the same bytes.
 *
 * @param tag for example {@code canonical}, {@code nhwc}, {@code nChw8c}
 * @param bytes size in device memory
 */
public record Layout(String tag, long bytes) {
  /** Tag of the dense, row-major form of the logical shape, the same on every device. */
  public static final String CANONICAL = "canonical";

  /**
   * Start of the tags of private forms. Such a form comes only from an op that gives it and goes
   * only to ops that take it: no reorder leads to it or from it. It need not hold what no taker
   * reads, so it may be smaller than the tensor.
   */
  public static final String PRIVATE = "~";

  /** Checks the values. */
  public Layout {
    Objects.requireNonNull(tag, "tag");
    if (bytes < 1) {
      throw new IllegalArgumentException("layout " + tag + " of " + bytes + " bytes");
    }
  }

  /** Says whether this is the dense, row-major form of the logical shape. */
  public boolean canonical() {
    return tag.equals(CANONICAL);
  }

  /** Says whether this is a private form. */
  public boolean isPrivate() {
    return tag.startsWith(PRIVATE);
  }

  @Override
  public String toString() {
    return tag;
  }
}
