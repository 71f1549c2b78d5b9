package dev.lamina.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.device.Device;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.op.Conv2dAdd;
import dev.lamina.op.Cost;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * Runs the cases of every op once, in every way the device offers and in each other implementation
 * that tuning may choose, for a checker that watches the driver's memory: each operand is an
 * allocation of its own, exactly as long as its layout, so that an access beyond it is one beyond
 * an allocation, and outputs and workspace are as the device hands them out, so that whoever reads
 * them first reads what was never written.
 *
 * <p>Results are compared with the reference, since a checker sees where a kernel reads and not
 * what. {@link DeviceConformance} asks for the rest. Way must be canonical or private.
 */
@TestInstance(Lifecycle.PER_CLASS)
public abstract class MemoryConformance {
  /** Flops and bytes of a small case, together. */
  private static final long SMALL = 10_000;

  /** Cases of an op, at most, where some will do. */
  private static final int BRIEF_CASES = 5;

  private Device device;

  /** Runs of all ops that have been dealt out. */
  private long dealt;

  /** Opens the device under the checker; the suite closes it. */
  protected abstract Device openDevice();

  /** Returns what the checker has reported since the last call; empty if nothing. */
  protected abstract String reports();

  /** Returns whether some small cases of each op will do, since a checker takes its time. */
  protected boolean brief() {
    return false;
  }

  /** Returns a regular expression of the ops to run, by the simple names of their classes. */
  protected String opNames() {
    return ".*";
  }

  /**
   * Returns whether the run of this number is done here: a checker that takes hours may share the
   * runs of all ops, numbered from 0, among processes.
   */
  protected boolean takes(long run) {
    return true;
  }

  /** Returns the calls of all cases. */
  public static Stream<OpCall> calls() {
    return OpCases.all().stream().map(opCase -> opCase.call(1));
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

  /** Runs the cases of every op. */
  @TestFactory
  Stream<DynamicNode> ops() {
    return OpCases.byOp().entrySet().stream()
        .filter(op -> op.getKey() != Conv2dAdd.class || device.fuses(Conv2dAdd.class))
        .filter(op -> op.getKey().getSimpleName().matches(opNames()))
        .map(
            op ->
                DynamicContainer.dynamicContainer(
                    op.getKey().getSimpleName(), some(op.getValue()).flatMap(this::runs)));
  }

  /** Cases that differ in values alone are the same to a checker. */
  private Stream<OpCase> some(List<OpCase> cases) {
    Map<Object, OpCase> distinct = new LinkedHashMap<>();
    cases.forEach(each -> distinct.putIfAbsent(List.of(each.op(), each.specs()), each));
    List<OpCase> all = List.copyOf(distinct.values());
    if (!brief()) {
      return all.stream();
    }
    List<OpCase> small = all.stream().filter(each -> size(each) <= SMALL).toList();
    int step = (small.size() - 1) / BRIEF_CASES + 1;
    Set<OpCase> chosen = new LinkedHashSet<>();
    for (int i = 0; i < small.size(); i += step) {
      chosen.add(small.get(i));
    }
    // Some implementations are only for what is larger.
    Set<String> reached = new HashSet<>();
    chosen.forEach(each -> reached.addAll(implementations(each)));
    all.stream()
        .sorted(Comparator.comparingLong(MemoryConformance::size))
        .filter(each -> reached.addAll(implementations(each)))
        .forEach(chosen::add);
    return chosen.stream();
  }

  private static long size(OpCase opCase) {
    Cost cost = opCase.call(1).cost();
    return (cost.flops() + cost.bytes()) * opCase.rounds();
  }

  private List<String> implementations(OpCase opCase) {
    return Ways.of(device, opCase.call(1)).stream().map(Ways::implementation).toList();
  }

  private Stream<DynamicNode> runs(OpCase opCase) {
    OpCase.Feed feed = opCase.feed();
    return Ways.of(device, opCase.call(1)).stream()
        .filter(Ways::reachable)
        .filter(way -> takes(dealt++))
        .map(
            way -> {
              Way producer =
                  feed == null
                      ? null
                      : MemoryRun.producer(device, feed, way.inputs().get(feed.input()));
              return DynamicTest.dynamicTest(
                  opCase + " as " + way.implementation(),
                  () -> {
                    MemoryRun.check(device, opCase, way, producer);
                    assertEquals("", reports(), () -> opCase + " as " + way);
                  });
            });
  }
}
