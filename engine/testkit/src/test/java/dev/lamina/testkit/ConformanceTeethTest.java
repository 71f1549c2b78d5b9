package dev.lamina.testkit;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Layout;
import dev.lamina.device.Precision;
import dev.lamina.device.Way;
import dev.lamina.op.Conv2d;
import dev.lamina.op.MaxPool2d;
import dev.lamina.op.MaxPool2dBackward;
import dev.lamina.op.Op;
import dev.lamina.op.Reorder;
import dev.lamina.op.SgdUpdate;
import dev.lamina.op.Softmax;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.FaultyDevice.Fault;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Each fault that the suite claims to find, found; a suite that cannot fail proves nothing. */
class ConformanceTeethTest {
  private static final ReferenceOptions REVERSED =
      ReferenceOptions.defaults().withWays(ReferenceWay.REVERSED);

  @Test
  void soundDevicePasses() {
    for (Class<? extends Op> op : List.of(Conv2d.class, SgdUpdate.class, MaxPool2dBackward.class)) {
      OpCase opCase = OpCases.byOp().get(op).get(0);
      assertDoesNotThrow(() -> run(opCase, bound -> {}));
    }
  }

  @Test
  void findsAWrongElement() {
    Fault small = on(Conv2d.class, bound -> addTo(bound.output(0), 20, 0.001f));
    assertFound(first(Conv2d.class), small, "element [3,5,27,7] of f32[4,6,28,28]");
    Fault large = on(Conv2d.class, bound -> addTo(bound.output(0), 20, 1));
    assertFound(first(Conv2d.class), large, "squared error");
  }

  @Test
  void findsAnExactResultThatIsNot() {
    OpCase exact = first(Conv2d.class, c -> c.demand() == OpCase.Demand.EXACT);
    Fault fault = on(Conv2d.class, bound -> addTo(bound.output(0), 20, 0x1p-10f));
    assertFound(exact, fault, "expected");
  }

  @Test
  void findsNaNSwallowed() {
    OpCase broken = first(Softmax.class, c -> c.demand() == OpCase.Demand.BROKEN);
    Fault fault =
        on(
            Softmax.class,
            bound -> {
              for (int i = 0; i < bound.call().outputs().get(0).elements(); i++) {
                float value = bound.output(0).getFloat(4 * i);
                bound.output(0).putFloat(4 * i, Float.isNaN(value) ? 0 : value);
              }
            });
    assertFound(broken, fault, "must not be finite");
  }

  @Test
  void findsNaNSpreadToOtherRows() {
    OpCase broken = first(Softmax.class, c -> c.demand() == OpCase.Demand.BROKEN);
    int last = 4 * (int) broken.call(1).outputs().get(0).elements() - 4;
    // the last element in memory is of the first row when reversed, so break both ends
    Fault fault =
        on(
            Softmax.class,
            bound -> {
              bound.output(0).putFloat(0, Float.NaN);
              bound.output(0).putFloat(last, Float.NaN);
            });
    assertFound(broken, fault, "NaN");
  }

  @Test
  void findsResultsThatVary() {
    // what a result takes from outputs, workspace or chance differs from run to run
    OpCase opCase = first(Conv2d.class);
    int[] runs = {0};
    Fault fault =
        on(Conv2d.class, bound -> addTo(bound.output(0), 20, runs[0]++ == 0 ? 0 : 0x1p-20f));
    assertFound(opCase, fault, "differs between two runs");
  }

  @Test
  void findsDirtyPadding() {
    Fault fault =
        on(
            Conv2d.class,
            bound -> {
              int end = (int) bound.way().outputs().get(0).bytes();
              bound.output(0).putFloat(end - 4, 1e-30f);
            });
    assertFound(first(Conv2d.class), fault, "padding");
  }

  @Test
  void findsReorderThatLeavesDirtyPadding() {
    // dirt the reference device itself would notice must not be read back, so only the way there
    Fault fault =
        on(
            Reorder.class,
            bound -> {
              Layout from = bound.way().inputs().get(0);
              if (!from.canonical()) {
                bound.input(0).putInt((int) from.bytes() - 4, 1);
              }
            });
    try (FaultyDevice device = new FaultyDevice(REVERSED, fault)) {
      OpCase opCase = first(Softmax.class);
      Layout layout = device.ways(opCase.call(1)).get(0).inputs().get(0);
      TensorSpec spec = opCase.specs().get(0);
      AssertionError found =
          assertThrows(AssertionError.class, () -> LayoutCheck.check(device, spec, layout));
      assertTrue(found.getMessage().contains("padding must be zero"), found.getMessage());
    }
  }

  @Test
  void findsInputChanged() {
    Fault fault = on(Conv2d.class, bound -> addTo(bound.input(0), 0, 1));
    assertFound(first(Conv2d.class), fault, "was changed");
  }

  @Test
  void findsBytesWrittenOutside() {
    Fault fault = on(Conv2d.class, bound -> bound.slab().mapped().orElseThrow().put(3, (byte) 1));
    assertFound(first(Conv2d.class), fault, "outside every operand");
  }

  @Test
  void findsParameterPaddingThatMoves() {
    Fault fault = on(SgdUpdate.class, bound -> bound.input(0).putFloat(4 * 5, 1e-9f));
    OpCase padded = first(SgdUpdate.class, c -> c.specs().get(0).elements() > 8);
    assertFound(padded, fault, "must stay so");
  }

  @Test
  void findsPoolingThatNamesTheWrongWinner() {
    Fault fault =
        on(
            MaxPool2d.class,
            bound -> {
              for (int i = 0; i < bound.call().outputs().get(1).elements(); i++) {
                bound.output(1).put(i, (byte) (3 - bound.output(1).get(i)));
              }
            });
    assertFound(first(MaxPool2dBackward.class), fault, "expected");
  }

  private static void addTo(ByteBuffer buffer, int element, float value) {
    buffer.putFloat(4 * element, buffer.getFloat(4 * element) + value);
  }

  private static Fault on(Class<? extends Op> op, Fault fault) {
    return bound -> {
      if (op.isInstance(bound.call().op())) {
        fault.strike(bound);
      }
    };
  }

  private static OpCase first(Class<? extends Op> op) {
    return first(op, opCase -> true);
  }

  private static OpCase first(Class<? extends Op> op, Predicate<OpCase> wanted) {
    return OpCases.byOp().get(op).stream().filter(wanted).findFirst().orElseThrow();
  }

  private static void assertFound(OpCase opCase, Fault fault, String what) {
    AssertionError found = assertThrows(AssertionError.class, () -> run(opCase, fault));
    assertTrue(found.getMessage().contains(what), found.getMessage());
  }

  private static void run(OpCase opCase, Fault fault) {
    try (FaultyDevice device = new FaultyDevice(REVERSED, fault)) {
      Way way = device.ways(opCase.call(1)).get(0);
      OpCase.Feed feed = opCase.feed();
      Way producer = feed == null ? null : device.ways(feed.producer().call(1)).get(0);
      CaseRun.check(
          device, new Examples(opCase, Precision.F32), 1, new CaseRun.Pairing(way, producer));
    }
  }
}
