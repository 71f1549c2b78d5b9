package dev.lamina.testkit;

import dev.lamina.op.Op;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The cases of every op, which a test holds complete: extents on both sides of vectors and tiles,
 * the least of everything, odd channels, LeNet-5's own shapes. Small enough that all of them run on
 * one core in seconds.
 */
final class OpCases {
  private OpCases() {}

  /** Returns all cases. */
  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    cases.addAll(ConvolutionCases.all());
    cases.addAll(MatrixCases.all());
    cases.addAll(PoolingCases.all());
    cases.addAll(NormalizationCases.all());
    cases.addAll(PointwiseCases.all());
    cases.addAll(ChannelCases.all());
    cases.addAll(StepCases.all());
    cases.addAll(UpdateCases.all());
    return cases;
  }

  /** Returns all cases by op class, in the order of {@link #all()}. */
  static Map<Class<? extends Op>, List<OpCase>> byOp() {
    Map<Class<? extends Op>, List<OpCase>> cases = new LinkedHashMap<>();
    for (OpCase each : all()) {
      cases.computeIfAbsent(each.op().getClass(), type -> new ArrayList<>()).add(each);
    }
    return cases;
  }
}
