package dev.lamina.device;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The work-items that run a kernel: so many in one to three dimensions, and how many of them form a
 * group that shares local memory.
 *
 * @param global work-items by dimension
 * @param local work-items of a group by dimension, each a divisor of its global size; empty leaves
 *     the choice to the device
 */
public record Range(List<Long> global, List<Long> local) {
  private static final int MOST_DIMENSIONS = 3;

  /** Checks and copies the lists. */
  public Range {
    global = List.copyOf(global);
    local = List.copyOf(local);
    check(global, local);
  }

  /**
   * Makes a range whose groups the device chooses.
   *
   * @param global work-items by dimension, one to three of them
   * @throws RangeException if there are none, too many, or one is below 1
   */
  public static Range of(long... global) {
    return new Range(boxed(global), List.of());
  }

  /**
   * Makes a one-dimensional range of whole groups that has at least {@code items} work-items; the
   * kernel leaves out those past the end.
   */
  public static Range covering(long items, long local) {
    if (local < 1) {
      throw new RangeException(
          "a group of " + local + " work-items is none; give 1 or more", List.of(), List.of(local));
    }
    return of((items + local - 1) / local * local).withLocal(local);
  }

  /**
   * Returns this range in groups of that size.
   *
   * @param sizes work-items of a group, one for each dimension
   * @throws RangeException if a size does not divide its dimension
   */
  public Range withLocal(long... sizes) {
    return new Range(global, boxed(sizes));
  }

  /** Returns the product of all dimensions. */
  public long items() {
    return product(global);
  }

  /** Returns the work-items of a group; 0 where the device chooses. */
  public long groupItems() {
    return local.isEmpty() ? 0 : product(local);
  }

  private static void check(List<Long> global, List<Long> local) {
    if (global.isEmpty() || global.size() > MOST_DIMENSIONS) {
      throw new RangeException(
          "range %s has %d dimensions; give one to three".formatted(global, global.size()),
          global,
          local);
    }
    if (!local.isEmpty() && local.size() != global.size()) {
      throw new RangeException(
          "range %s has %d dimensions, its local size %s has %d; give one for each"
              .formatted(global, global.size(), local, local.size()),
          global,
          local);
    }
    for (int d = 0; d < global.size(); d++) {
      long all = global.get(d);
      long group = local.isEmpty() ? 1 : local.get(d);
      if (all < 1 || group < 1) {
        throw new RangeException(
            "range %s, local %s: dimension %d is below 1".formatted(global, local, d),
            global,
            local);
      }
      if (all % group != 0) {
        throw new RangeException(
            ("range %s, local %s: %d does not divide dimension %d; round the range up to %d (as"
                    + " Range.covering does) and let the kernel leave out what is past the end")
                .formatted(global, local, group, d, (all + group - 1) / group * group),
            global,
            local);
      }
    }
  }

  private static long product(List<Long> sizes) {
    return sizes.stream().reduce(1L, Math::multiplyExact);
  }

  private static List<Long> boxed(long... sizes) {
    return LongStream.of(sizes).boxed().collect(Collectors.toCollection(ArrayList::new));
  }

  /** Returns the sizes as {@code [1024] in groups of [64]}. */
  @Override
  public String toString() {
    return local.isEmpty() ? global.toString() : global + " in groups of " + local;
  }
}
