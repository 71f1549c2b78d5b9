package dev.lamina.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceLostException;
import dev.lamina.device.DeviceOutOfMemoryException;
import dev.lamina.device.DeviceTuning;
import dev.lamina.device.OpCall;
import dev.lamina.device.Stream;
import dev.lamina.device.Way;
import dev.lamina.op.MatMul;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.MemoryConformance;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The search for ways, on a device whose ways are told apart by name only, or are faulty. */
class TunerTest {
  private static final TensorSpec SQUARE = TensorSpec.f32(7, 7);
  private static final OpCall PRODUCT = OpCall.of(new MatMul(), 1, SQUARE, SQUARE);

  /** Another product on the same operands. */
  private static final OpCall OTHER = OpCall.of(new MatMul(true, false), 1, SQUARE, SQUARE);

  /** What the reference computes within milliseconds. */
  private static final long MOST_FLOPS = 20_000;

  private final Map<OpCall, DeviceTuning.Found> kept = new HashMap<>();

  @Test
  void waysThatComputeSomethingElseOrFailAreRefused() throws Exception {
    try (Device device = device("sound", "wrong", "broken")) {
      Tuner.Result result = tune(device, false).orElseThrow();
      assertEquals(2, result.refused().size(), () -> "refused: " + result.refused());
      assertTrue(result.refused().get(0).startsWith("wrong: element "), result.refused().get(0));
      assertEquals("broken: no such kernel", result.refused().get(1));
      assertEquals(4, result.tried());
      assertTrue(List.of("sound", result.usual()).contains(result.found().way()));
      assertTrue(result.found().nanos() <= result.found().usualNanos());
      assertEquals(result.found(), kept.get(PRODUCT));
    }
  }

  /** Preparations are for computing, for timing, and for timing the best once more. */
  @Test
  void wayThatFailsWhenItIsTimedIsRefusedAlone() throws Exception {
    try (Device device = device("greedy", "sound")) {
      usual = "slow";
      failsAt.put("greedy", 2);
      Tuner.Result result = tune(device, false).orElseThrow();
      assertEquals(List.of("greedy: no memory"), result.refused());
      assertEquals("sound", result.found().way());
      assertEquals(result.found(), kept.get(PRODUCT));
    }
  }

  @Test
  void bestThatFailsWhenItIsTimedOnceMoreLeavesTheUsual() throws Exception {
    try (Device device = device("later")) {
      usual = "slow";
      failsAt.put("later", 3);
      Tuner.Result result = tune(device, false).orElseThrow();
      assertEquals(List.of("later: no memory"), result.refused());
      assertEquals("slow", result.found().way());
      assertEquals(result.found(), kept.get(PRODUCT));
    }
  }

  @Test
  void neighbourThatCannotBeIsNamedOnceAndTheOthersAreTried() throws Exception {
    try (Device device = device("impossible", "sound")) {
      usual = "slow";
      Tuner.Result result = tune(device, false).orElseThrow();
      assertEquals(List.of("impossible: too much scratch"), result.refused());
      assertEquals("sound", result.found().way());
    }
  }

  @Test
  void lostDeviceEndsTheSearch() throws Exception {
    try (Device device = device("gone", "sound")) {
      assertThrows(DeviceLostException.class, () -> tune(device, false));
      assertTrue(kept.isEmpty());
      device.turn().unlock();
    }
  }

  @Test
  void whatWasFoundIsUsedUntilAskedForAgain() throws Exception {
    try (Device device = device("sound")) {
      DeviceTuning.Found earlier = new DeviceTuning.Found("sound", 10, 20);
      kept.put(PRODUCT, earlier);
      Tuner.Result known = tune(device, false).orElseThrow();
      assertEquals(earlier, known.found());
      assertEquals(0, known.tried());
      assertEquals(2, tune(device, true).orElseThrow().tried());
      assertFalse(kept.get(PRODUCT).equals(earlier), "it was measured anew");
    }
  }

  @Test
  void cancelledSearchKeepsNothingOfTheCall() throws Exception {
    try (Device device = device("sound")) {
      Tuner tuner = new Tuner(device, () -> true);
      device.turn().lock();
      assertEquals(Optional.empty(), tuner.tune(PRODUCT, false));
      device.turn().unlock();
      assertTrue(kept.isEmpty());
    }
  }

  @Test
  void usualWayThatIsWrongIsReported() throws Exception {
    try (Device device = device("wrong")) {
      usual = "wrong";
      DeviceException wrong = assertThrows(DeviceException.class, () -> tune(device, false));
      assertTrue(wrong.getMessage().contains("computes"), wrong.getMessage());
      device.turn().unlock();
    }
  }

  @Test
  void deviceThatTunesItselfSaysSo() {
    try (Device device = ReferenceDevice.open(ReferenceOptions.defaults())) {
      DeviceException refused =
          assertThrows(DeviceException.class, () -> new Tuner(device, () -> false));
      assertTrue(refused.getMessage().contains("needs no tuning"), refused.getMessage());
    }
  }

  /** Cases of every op that is known: elements summed one by one agree with the reference. */
  @Test
  void elementsAgreeWithTheReference() throws Exception {
    try (Device device = device()) {
      List<OpCall> calls =
          MemoryConformance.calls()
              .filter(call -> SpotReference.knows(call.op()) && call.cost().flops() <= MOST_FLOPS)
              .distinct()
              .toList();
      assertFalse(calls.isEmpty());
      Tuner tuner = new Tuner(device, () -> false);
      device.turn().lock();
      for (OpCall call : calls) {
        assertEquals(1, tuner.tune(call, true).orElseThrow().tried(), call::toString);
      }
      device.turn().unlock();
    }
  }

  private String usual = "";

  /** From which preparation on a way finds no memory. */
  private final Map<String, Integer> failsAt = new HashMap<>();

  private final Map<String, Integer> preparations = new HashMap<>();

  private Optional<Tuner.Result> tune(Device device, boolean again) throws Exception {
    device.turn().lock();
    Optional<Tuner.Result> result = new Tuner(device, () -> false).tune(PRODUCT, again);
    device.turn().unlock();
    return result;
  }

  /** A reference device with further ways of {@link #PRODUCT}. */
  private Device device(String... further) {
    Device reference = ReferenceDevice.open(ReferenceOptions.defaults());
    DeviceTuning tuning = new NamedWays(reference, List.of(further));
    return (Device)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Device.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("tuning")) {
                return Optional.of(tuning);
              }
              if (method.getName().equals("compute")) {
                return slowedDown(reference.compute());
              }
              if (method.getName().equals("prepare")) {
                OpCall call = (OpCall) arguments[0];
                String way = ((Way) arguments[1]).implementation();
                last = way;
                if (way.equals("broken")) {
                  throw new DeviceException("no such kernel");
                }
                if (way.equals("gone")) {
                  throw new DeviceLostException("no such device", null);
                }
                int preparation = preparations.merge(way, 1, Integer::sum);
                if (preparation >= failsAt.getOrDefault(way, Integer.MAX_VALUE)) {
                  throw new DeviceOutOfMemoryException("no memory");
                }
                OpCall run = way.equals("wrong") ? OTHER : call;
                return reference.prepare(run, reference.ways(run).get(0));
              }
              try {
                return method.invoke(reference, arguments);
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            });
  }

  /** The way prepared last, which is the one that is launched. */
  private String last = "";

  /** Launches of the way of that name take long. */
  private Stream slowedDown(Stream stream) {
    return (Stream)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Stream.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("launch") && last.equals("slow")) {
                Thread.sleep(20);
              }
              return method.invoke(stream, arguments);
            });
  }

  /** Ways that differ in their names. */
  private final class NamedWays implements DeviceTuning {
    private final Device reference;
    private final List<String> further;

    NamedWays(Device reference, List<String> further) {
      this.reference = reference;
      this.further = further;
    }

    @Override
    public boolean covers(OpCall call) {
      return true;
    }

    @Override
    public Way usual(OpCall call) {
      Way first = reference.ways(call).get(0);
      return usual.isEmpty() ? first : named(first, usual);
    }

    @Override
    public List<Way> neighbours(OpCall call, Way way, Consumer<String> refused) {
      if (further.contains("impossible")) {
        refused.accept("impossible: too much scratch");
      }
      return further.stream()
          .filter(name -> !name.equals("impossible"))
          .map(name -> named(way, name))
          .toList();
    }

    private static Way named(Way way, String name) {
      return new Way(name, way.inputs(), way.outputs());
    }

    @Override
    public Optional<Found> found(OpCall call) {
      return Optional.ofNullable(kept.get(call));
    }

    @Override
    public void keep(OpCall call, Found found) {
      kept.put(call, found);
    }

    @Override
    public Path file() {
      return Path.of("nowhere");
    }

    @Override
    public String stamp() {
      return "";
    }
  }
}
