package dev.lamina.kernels;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.OpCall;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Linear;
import dev.lamina.op.LinearBackwardData;
import dev.lamina.op.LinearBackwardWeights;
import dev.lamina.op.MatMul;
import dev.lamina.op.Op;
import dev.lamina.op.SliceChannels;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.op.Window;
import dev.lamina.tensor.Shape;
import dev.lamina.tensor.TensorSpec;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kernels index with 32 bits: a call is refused whichever operand has more elements. */
class CountsTest {
  /** Its square is more than kernels count, it itself is little. */
  private static final long MANY = 50_000;

  /** One large operand each: b, a, and an input of which little is taken. */
  static Stream<OpCall> large() {
    TensorSpec row = TensorSpec.f32(1, MANY);
    TensorSpec column = TensorSpec.f32(MANY, 1);
    TensorSpec square = TensorSpec.f32(MANY, MANY);
    return Stream.of(
        call(new MatMul(), row, square),
        call(new MatMul(false, true), row, square),
        call(new MatMul(true, false), column, square),
        call(new MatMul(true, true), column, square),
        call(new MatMul(), square, column),
        call(new Linear(true), row, square, TensorSpec.f32(MANY)),
        call(new LinearBackwardData(Shape.of(1, MANY)), row, square),
        call(new LinearBackwardWeights(true), square, column),
        call(new LinearBackwardWeights(false), column, square),
        call(new SliceChannels(3, 1), TensorSpec.f32(1, MANY, 1, MANY)));
  }

  @ParameterizedTest
  @MethodSource("large")
  void eachOperandIsCounted(OpCall call) {
    for (boolean panels : new boolean[] {true, false}) {
      KernelTarget target = new KernelTarget(panels, 2);
      UnsupportedOpException refused =
          assertThrows(UnsupportedOpException.class, () -> KernelOps.ways(call, target));
      assertTrue(refused.getMessage().contains("more than the kernels count"));
    }
  }

  /** The image of a convolution would be too large unfolded, which nobody does. */
  static Stream<OpCall> small() {
    TensorSpec row = TensorSpec.f32(1, MANY);
    return Stream.of(
        call(new MatMul(), row, TensorSpec.f32(MANY, 40_000)),
        call(
            new Conv2d(Window.of(11).pad(5), 1, false),
            TensorSpec.f32(64, 64, 64, 64),
            TensorSpec.f32(8, 64, 11, 11)),
        call(new SliceChannels(3, 1), TensorSpec.f32(1, MANY, 1, 40_000)));
  }

  @ParameterizedTest
  @MethodSource("small")
  void whatIsCountedRuns(OpCall call) {
    for (boolean panels : new boolean[] {true, false}) {
      KernelTarget target = new KernelTarget(panels, 2);
      assertEquals(1, assertDoesNotThrow(() -> KernelOps.ways(call, target)).size());
    }
  }

  private static OpCall call(Op op, TensorSpec... inputs) {
    return OpCall.of(op, 1, inputs);
  }
}
