package dev.lamina.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Device;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Precision;
import dev.lamina.device.Way;
import dev.lamina.op.Conv2dAdd;
import dev.lamina.op.Op;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Holds a device to the contract: every case of every op, in every way the device offers and in
 * each other implementation that tuning may choose, on one lane and on two, against the
 * double-precision reference; memory, streams and events; kernels of the user's. {@link
 * TuningConformance} tries the values of parameters.
 *
 * <p>A device's test extends this class and opens the device. Of each run the suite checks that
 * results are near enough (exactly equal for small integers), do not depend on what outputs,
 * workspace and padding held before, are the same bits twice, that padding of layouts is zero, that
 * inputs stay as they were unless the op changes them in place, and that no byte outside the
 * operands is touched. A call is prepared once and bound once per lane, so that launches bound from
 * one prepared op run beside each other. {@link LeakCheck} watches over the whole class.
 */
public abstract class DeviceConformance extends KernelContract {
  /**
   * Returns the ops that the device lacks; it must refuse them when asked for layouts. Unless the
   * device's test says otherwise it may lack only what no model has in it.
   */
  protected Set<Class<? extends Op>> unsupported() {
    return device().fuses(Conv2dAdd.class) ? Set.of() : Set.of(Conv2dAdd.class);
  }

  /**
   * Returns whether cases of an op are run: all are, unless another test of the device runs them.
   */
  protected boolean covers(Class<? extends Op> op) {
    return true;
  }

  /** Runs every case of every op in every way. */
  @TestFactory
  Stream<DynamicNode> ops() {
    return OpCases.byOp().entrySet().stream()
        .filter(entry -> covers(entry.getKey()))
        .map(
            entry ->
                DynamicContainer.dynamicContainer(entry.getKey().getSimpleName(), ofOp(entry)));
  }

  /** Takes a tensor into every layout that is offered anywhere, and back. */
  @TestFactory
  Stream<DynamicNode> layouts() {
    Set<List<Object>> seen = new HashSet<>();
    List<DynamicNode> tests = new ArrayList<>();
    for (OpCase opCase : OpCases.all()) {
      if (unsupported().contains(opCase.op().getClass())) {
        continue;
      }
      OpCall call = opCase.call(1);
      for (Way way : device().ways(call)) {
        for (int i = 0; i < call.inputs().size(); i++) {
          boolean fed = opCase.feed() != null && opCase.feed().input() == i;
          if (!fed) {
            add(tests, seen, call.inputs().get(i), way.inputs().get(i));
          }
        }
        for (int i = 0; i < call.outputs().size(); i++) {
          if (!opCase.opaque(i)) {
            add(tests, seen, call.outputs().get(i), way.outputs().get(i));
          }
        }
      }
    }
    return tests.stream();
  }

  /**
   * Asks a device that has listed nothing for ways by name: first, middle and last of each case.
   */
  @Test
  void waysHaveNames() {
    try (Device fresh = openDevice()) {
      for (OpCase opCase : OpCases.all()) {
        if (unsupported().contains(opCase.op().getClass())) {
          continue;
        }
        OpCall call = opCase.call(1);
        List<Way> ways = device().ways(call);
        for (int way : new TreeSet<>(List.of(0, ways.size() / 2, ways.size() - 1))) {
          Way listed = ways.get(way);
          assertEquals(
              Optional.of(listed), fresh.way(call, listed.implementation()), call::toString);
        }
        assertEquals(Optional.empty(), fresh.way(call, "none of these"), call::toString);
      }
    }
  }

  private void add(
      List<DynamicNode> tests, Set<List<Object>> seen, TensorSpec spec, Layout layout) {
    boolean reordered = !layout.canonical() && !layout.isPrivate();
    if (reordered && seen.add(List.of(spec, layout))) {
      tests.add(
          DynamicTest.dynamicTest(
              spec + " as " + layout, () -> LayoutCheck.check(device(), spec, layout)));
    }
  }

  private Stream<DynamicNode> ofOp(Map.Entry<Class<? extends Op>, List<OpCase>> op) {
    if (unsupported().contains(op.getKey())) {
      OpCase first = op.getValue().get(0);
      return Stream.of(DynamicTest.dynamicTest("is refused", () -> checkRefused(first)));
    }
    return op.getValue().stream()
        .map(opCase -> DynamicContainer.dynamicContainer(opCase.toString(), ofCase(opCase)));
  }

  private Stream<DynamicNode> ofCase(OpCase opCase) {
    DynamicNode offers = DynamicTest.dynamicTest("offers", () -> checkOffers(opCase));
    Examples examples = new Examples(opCase, device().precision());
    Stream<DynamicNode> runs =
        IntStream.rangeClosed(1, Math.min(2, device().maxLanes()))
            .boxed()
            .flatMap(
                lanes -> pairings(opCase, lanes).map(pairing -> run(examples, lanes, pairing)));
    return Stream.concat(Stream.of(offers), runs);
  }

  private DynamicNode run(Examples examples, int lanes, CaseRun.Pairing pairing) {
    return DynamicTest.dynamicTest(
        pairing + (lanes == 1 ? ", 1 lane" : ", " + lanes + " lanes"),
        () -> CaseRun.check(device(), examples, lanes, pairing));
  }

  /**
   * Returns the ways of a case. Where another op feeds it, each way of either op is there at least
   * once, but not every pair of them.
   */
  private Stream<CaseRun.Pairing> pairings(OpCase opCase, int lanes) {
    List<Way> own = Ways.of(device(), opCase.call(lanes));
    OpCase.Feed feed = opCase.feed();
    if (feed == null) {
      return own.stream().filter(Ways::reachable).map(way -> new CaseRun.Pairing(way, null));
    }
    Set<Way> seen = new HashSet<>();
    List<CaseRun.Pairing> pairs = new ArrayList<>();
    for (Way producer : device().ways(feed.producer().call(lanes))) {
      for (Way way : own) {
        boolean paired = Ways.reachable(producer) && meets(feed, producer, way);
        if (paired && (seen.add(way) | seen.add(producer))) {
          pairs.add(new CaseRun.Pairing(way, producer));
        }
      }
    }
    return pairs.stream();
  }

  private static boolean meets(OpCase.Feed feed, Way producer, Way consumer) {
    return producer.outputs().get(feed.output()).equals(consumer.inputs().get(feed.input()));
  }

  private void checkRefused(OpCase opCase) {
    UnsupportedOpException refused =
        assertThrows(
            UnsupportedOpException.class, () -> device().ways(opCase.call(1)), opCase::toString);
    assertTrue(refused.getMessage().contains(opCase.op().name()), refused.getMessage());
  }

  /** What is offered is offered each time, and makes sense without running it. */
  private void checkOffers(OpCase opCase) {
    OpCall call = opCase.call(1);
    List<Way> ways = device().ways(call);
    assertEquals(ways, device().ways(call), () -> call + ": ways must be the same each time");
    assertFalse(ways.isEmpty(), () -> call + ": without a way, throw UnsupportedOpException");
    long names = ways.stream().map(Way::implementation).distinct().count();
    assertEquals(ways.size(), names, () -> call + ": implementation names must differ: " + ways);
    for (Way way : ways) {
      checkLayouts(call.inputs(), way.inputs());
      checkLayouts(call.outputs(), way.outputs());
      for (int position : call.op().mutates()) {
        assertTrue(
            way.inputs().get(position).canonical(),
            () -> call + ": " + way + " changes input " + position + ", which must be canonical");
      }
    }
    OpCase.Feed feed = opCase.feed();
    if (feed != null) {
      for (Way made : device().ways(feed.producer().call(1))) {
        assertTrue(
            ways.stream().anyMatch(way -> meets(feed, made, way)),
            () -> call + ": no way takes what " + made + " leaves; offered are " + ways);
      }
      for (Way way : ways) {
        assertTrue(
            device().ways(feed.producer().call(1)).stream().anyMatch(m -> meets(feed, m, way)),
            () -> call + ": " + way + " takes what no way of " + feed.producer().op() + " leaves");
      }
    }
  }

  private void checkLayouts(List<TensorSpec> specs, List<Layout> layouts) {
    assertEquals(specs.size(), layouts.size(), () -> layouts + " do not match " + specs);
    for (int i = 0; i < specs.size(); i++) {
      Layout layout = layouts.get(i);
      if (layout.canonical()) {
        assertEquals(device().canonical(specs.get(i)), layout);
      }
      boolean halved = device().precision() == Precision.BF16;
      assertTrue(
          layout.isPrivate() || layout.bytes() >= specs.get(i).bytes() / (halved ? 2 : 1),
          layout + " has " + layout.bytes() + " bytes, too few for " + specs.get(i));
    }
  }
}
