package dev.lamina.testkit;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceTuning;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.op.Conv2dAdd;
import dev.lamina.op.Cost;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Holds a device to the contract in what tuning may choose: each value of each parameter in each
 * implementation that has it, the other parameters as usual. {@link DeviceConformance} runs all
 * cases in each implementation with the values that are usual.
 *
 * <p>A value is tried in one of the ops that have it, the next value in the next, since compilers
 * take seconds for some; on the largest case of moderate size whose launches it changes or, where a
 * device has so many cores that it changes none, the largest.
 */
@ExtendWith(LeakCheck.class)
@TestInstance(Lifecycle.PER_CLASS)
public abstract class TuningConformance {
  /** Flops and bytes of a case, together: the reference takes some ten milliseconds. */
  private static final long LARGEST = 8_000_000;

  /** A way that has a value, and whether the value changes what is launched. */
  private record Trial(OpCase opCase, Way way, boolean changes) {
    Trial or(Trial other) {
      boolean better = changes == other.changes ? size(opCase) > size(other.opCase) : changes;
      return better ? this : other;
    }
  }

  private Device device;

  /** Opens the device, which can be tuned; the suite closes it. */
  protected abstract Device openDevice();

  /** Returns what the device launches for a call in a way: equal for ways that launch the same. */
  protected abstract Object launches(OpCall call, Way way);

  /** Returns the calls of the cases among which the suite picks. */
  public static Stream<OpCall> calls() {
    return cases().stream().map(opCase -> opCase.call(1));
  }

  @BeforeAll
  void open() {
    device = openDevice();
  }

  @AfterAll
  void close() {
    if (device != null) {
      device.close();
    }
  }

  /** Runs a case with each value. */
  @TestFactory
  Stream<DynamicTest> values() {
    Map<String, Map<String, Trial>> values = new LinkedHashMap<>();
    for (OpCase opCase : cases()) {
      boolean known = opCase.op().getClass() != Conv2dAdd.class || device.fuses(Conv2dAdd.class);
      if (known && device.tuning().orElseThrow().covers(opCase.call(1))) {
        collect(opCase, values);
      }
    }
    List<DynamicTest> tests = new ArrayList<>();
    values.forEach(
        (value, byOp) -> {
          Trial trial = List.copyOf(byOp.values()).get(tests.size() % byOp.size());
          tests.add(DynamicTest.dynamicTest(value, () -> run(trial)));
        });
    return tests.stream();
  }

  private void collect(OpCase opCase, Map<String, Map<String, Trial>> values) {
    OpCall call = opCase.call(1);
    DeviceTuning tuning = device.tuning().orElseThrow();
    for (Way way : Ways.of(device, call)) {
      for (Way other : tuning.neighbours(call, way, refused -> {})) {
        boolean changes = !launches(call, other).equals(launches(call, way));
        List<String> words = new ArrayList<>(List.of(other.implementation().split(" ")));
        words.remove(0);
        words.removeAll(List.of(way.implementation().split(" ")));
        for (String word : words) {
          values
              .computeIfAbsent(Ways.implementation(other) + " " + word, key -> new TreeMap<>())
              .merge(call.op().name(), new Trial(opCase, other, changes), Trial::or);
        }
      }
    }
  }

  private void run(Trial trial) {
    Examples examples = new Examples(trial.opCase(), device.precision());
    CaseRun.check(device, examples, 1, new CaseRun.Pairing(trial.way(), null));
  }

  /** Returns one case of each shape; those that another op feeds have nothing to tune. */
  private static List<OpCase> cases() {
    Map<Object, OpCase> distinct = new LinkedHashMap<>();
    for (OpCase opCase : OpCases.all()) {
      boolean compared = opCase.demand() != OpCase.Demand.BROKEN && opCase.feed() == null;
      if (compared && size(opCase) <= LARGEST) {
        distinct.putIfAbsent(List.of(opCase.op(), opCase.specs()), opCase);
      }
    }
    return List.copyOf(distinct.values());
  }

  private static long size(OpCase opCase) {
    Cost cost = opCase.call(1).cost();
    return cost.flops() + cost.bytes();
  }
}
