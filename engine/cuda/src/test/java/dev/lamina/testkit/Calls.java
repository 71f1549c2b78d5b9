package dev.lamina.testkit;

import dev.lamina.device.OpCall;
import java.util.List;

/** The calls of the conformance suite, for tests that run none of them. */
public final class Calls {
  private Calls() {}

  /** Returns each case's call on one lane. */
  public static List<OpCall> all() {
    return OpCases.all().stream().map(opCase -> opCase.call(1)).toList();
  }
}
