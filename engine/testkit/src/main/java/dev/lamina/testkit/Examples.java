package dev.lamina.testkit;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The values of one case by lane, made once for all ways in which a device runs it. */
final class Examples {
  private final OpCase opCase;
  private final Map<Integer, List<HostTensor>> inputs = new HashMap<>();
  private final Map<Integer, OpCase.Expected> expected = new HashMap<>();

  Examples(OpCase opCase) {
    this.opCase = opCase;
  }

  OpCase opCase() {
    return opCase;
  }

  /** Returns the inputs of a lane; whoever gets them only reads. */
  List<HostTensor> inputs(int lane) {
    return inputs.computeIfAbsent(lane, opCase::inputs);
  }

  /** Returns what the reference makes of a lane. */
  OpCase.Expected expected(int lane) {
    return expected.computeIfAbsent(lane, opCase::expected);
  }
}
