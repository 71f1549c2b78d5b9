package dev.lamina.testkit;

import dev.lamina.device.OpCall;
import dev.lamina.op.Op;
import java.util.List;
import java.util.Set;

/** The calls of the conformance suite, for tests that run none of them. */
public final class Calls {
  private Calls() {}

  /** Returns the calls of these ops, each on one lane. */
  public static List<OpCall> all(Set<Class<? extends Op>> ops) {
    return OpCases.all().stream()
        .filter(opCase -> ops.contains(opCase.op().getClass()))
        .map(opCase -> opCase.call(1))
        .toList();
  }
}
