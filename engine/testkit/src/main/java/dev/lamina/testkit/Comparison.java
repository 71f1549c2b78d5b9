package dev.lamina.testkit;

import dev.lamina.tensor.DataType;
import dev.lamina.testkit.Tolerances.Tolerance;
import java.util.Optional;

/** Finds where a device's result is too far from the reference, and says so in one line. */
final class Comparison {
  private Comparison() {}

  /**
   * Compares as the case demands; empty if the result will do.
   *
   * @param stored whether the result is stored with fewer bits, so that what is exact is rounded
   */
  static Optional<String> compare(
      OpCase.Demand demand,
      Tolerance tolerance,
      boolean stored,
      HostTensor expected,
      HostTensor actual) {
    if (demand == OpCase.Demand.EXACT || expected.spec().type() != DataType.F32) {
      double rounded = stored ? Tolerances.ROUNDED : 0;
      return worst(new Tolerance(rounded, 0, 0), expected, actual, 0, size(expected));
    }
    if (demand == OpCase.Demand.CLOSE) {
      return close(tolerance, expected, actual, 0, size(expected));
    }
    return broken(tolerance, expected, actual);
  }

  private static Optional<String> broken(
      Tolerance tolerance, HostTensor expected, HostTensor actual) {
    for (int i = 0; i < size(expected); i++) {
      if (!Double.isFinite(expected.at(i)) && Double.isFinite(actual.at(i))) {
        return Optional.of(
            "element %s is %s, but must not be finite, since an input it depends on is not"
                .formatted(place(expected, i), actual.at(i)));
      }
    }
    int rank = expected.spec().shape().rank();
    int row = rank < 2 ? 0 : size(expected) / expected.size(0);
    for (int first = 0; row > 0 && first < size(expected); first += row) {
      boolean finite = true;
      for (int i = first; i < first + row; i++) {
        finite &= Double.isFinite(expected.at(i));
      }
      Optional<String> wrong =
          finite ? close(tolerance, expected, actual, first, row) : Optional.empty();
      if (wrong.isPresent()) {
        return wrong;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> close(
      Tolerance tolerance, HostTensor expected, HostTensor actual, int first, int count) {
    double squares = 0;
    double errors = 0;
    for (int i = first; i < first + count; i++) {
      double error = actual.at(i) - expected.at(i);
      errors += error * error;
      squares += expected.at(i) * expected.at(i);
    }
    if (tolerance.squared() == Double.POSITIVE_INFINITY) {
      return worst(tolerance, expected, actual, first, count);
    }
    // asks for what is wanted, not for what is wrong: a sum that is NaN must fail
    boolean near = errors <= tolerance.squared() * squares;
    if (near) {
      double meanSquare = tolerance.squared() * squares / count;
      Tolerance outlier = new Tolerance(0, Tolerances.OUTLIER * Math.sqrt(meanSquare), 0);
      return worst(outlier, expected, actual, first, count);
    }
    return Optional.of(
        "squared error %.3g of the squared reference exceeds %.3g; %s"
            .formatted(
                errors / squares,
                tolerance.squared(),
                worst(new Tolerance(0, 0, 0), expected, actual, first, count).orElse("")));
  }

  /** Finds the element whose error exceeds what it may by most. */
  private static Optional<String> worst(
      Tolerance tolerance, HostTensor expected, HostTensor actual, int first, int count) {
    int place = -1;
    double most = 0;
    for (int i = first; i < first + count; i++) {
      double allowed = tolerance.absolute() + tolerance.relative() * Math.abs(expected.at(i));
      double excess = Math.abs(actual.at(i) - expected.at(i)) - allowed;
      boolean same =
          Double.compare(expected.at(i), actual.at(i)) == 0 || expected.at(i) == actual.at(i);
      if (same || excess <= 0) {
        continue;
      }
      // NaN against a number is worse than any difference
      double badness = Double.isNaN(excess) ? Double.POSITIVE_INFINITY : excess;
      if (place < 0 || badness > most) {
        place = i;
        most = badness;
      }
    }
    return place < 0
        ? Optional.empty()
        : Optional.of(
            "element %s is %s, expected %s (allowed: %.3g relative + %.3g)"
                .formatted(
                    place(expected, place),
                    actual.at(place),
                    expected.at(place),
                    tolerance.relative(),
                    tolerance.absolute()));
  }

  private static int size(HostTensor tensor) {
    return tensor.values().length;
  }

  /** Returns the element's coordinates. */
  private static String place(HostTensor tensor, int index) {
    String place = "";
    for (int axis = tensor.spec().shape().rank() - 1; axis >= 0; axis--) {
      place = index % tensor.size(axis) + (place.isEmpty() ? "" : "," + place);
      index /= tensor.size(axis);
    }
    return "[" + place + "] of " + tensor.spec();
  }
}
