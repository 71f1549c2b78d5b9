package dev.lamina.testkit;

import dev.lamina.device.Precision;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The values of one case by lane, made once for all ways in which a device runs it. */
final class Examples {
  private final OpCase opCase;
  private final Precision precision;
  private final Map<Integer, List<HostTensor>> inputs = new HashMap<>();
  private final Map<Integer, OpCase.Expected> expected = new HashMap<>();

  Examples(OpCase opCase, Precision precision) {
    this.opCase = opCase;
    this.precision = precision;
  }

  Precision precision() {
    return precision;
  }

  OpCase opCase() {
    return opCase;
  }

  /** Returns the inputs of a lane; whoever gets them only reads. */
  List<HostTensor> inputs(int lane) {
    return inputs.computeIfAbsent(lane, key -> opCase.inputs(key, precision));
  }

  /** Returns what the reference makes of a lane. */
  OpCase.Expected expected(int lane) {
    return expected.computeIfAbsent(lane, key -> opCase.expected(key, precision));
  }
}
