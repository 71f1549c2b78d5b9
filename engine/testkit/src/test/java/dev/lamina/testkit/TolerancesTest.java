package dev.lamina.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Precision;
import dev.lamina.op.MatMul;
import dev.lamina.op.Op;
import dev.lamina.op.SquaredNorm;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The rows tell the precisions apart: what one lets pass, the stricter one does not. */
class TolerancesTest {
  private static final MatMul OP = new MatMul();

  @Test
  void singlePrecisionPassesAndReducedPrecisionDoesNot() {
    assertPasses(Precision.F32, 23, true);
    assertPasses(Precision.F32, 10, false);
    assertPasses(Precision.TF32, 10, true);
    assertPasses(Precision.TF32, 7, false);
    assertPasses(Precision.BF16, 7, true);
    assertPasses(Precision.BF16, 4, false);
  }

  @Test
  void oneWrongElementAmongManyIsFound() {
    HostTensor expected = Fill.UNIT.make(TensorSpec.f32(300, 300), new SplittableRandom(1));
    HostTensor actual = expected.copy();
    actual.values()[12_345] += 0.001;
    Optional<String> wrong =
        Comparison.compare(
            OpCase.Demand.CLOSE, Tolerances.of(OP, Precision.F32, false), false, expected, actual);
    assertTrue(wrong.orElse("").contains("[41,45] of f32[300,300]"), wrong.orElse("nothing"));
  }

  @Test
  void notANumberNeverPasses() {
    for (Precision precision : Precision.values()) {
      for (Op op : List.of(OP, new SquaredNorm())) {
        HostTensor expected = HostTensor.of(TensorSpec.f32(2), 1, 2);
        HostTensor actual = HostTensor.of(TensorSpec.f32(2), 1, Double.NaN);
        Optional<String> wrong =
            Comparison.compare(
                OpCase.Demand.CLOSE, Tolerances.of(op, precision, false), false, expected, actual);
        assertTrue(wrong.isPresent(), op + " in " + precision);
      }
    }
  }

  /** Multiplies with factors of so many mantissa bits, summing in single precision. */
  private static void assertPasses(Precision precision, int mantissaBits, boolean passes) {
    int m = 32;
    int k = 576;
    int n = 32;
    SplittableRandom random = new SplittableRandom(3);
    HostTensor a = Fill.UNIT.make(TensorSpec.f32(m, k), random);
    HostTensor b = Fill.UNIT.make(TensorSpec.f32(k, n), random);
    HostTensor expected = ReferenceOps.evaluate(OP, List.of(a, b)).get(0);
    HostTensor actual = HostTensor.zeros(expected.spec());
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float sum = 0;
        for (int l = 0; l < k; l++) {
          sum += rounded(a.at(i * k + l), mantissaBits) * rounded(b.at(l * n + j), mantissaBits);
        }
        actual.values()[i * n + j] = sum;
      }
    }
    Optional<String> wrong =
        Comparison.compare(
            OpCase.Demand.CLOSE, Tolerances.of(OP, precision, false), false, expected, actual);
    assertEquals(passes, wrong.isEmpty(), precision + ", " + mantissaBits + " bits: " + wrong);
  }

  private static float rounded(double value, int mantissaBits) {
    int dropped = 23 - mantissaBits;
    int half = dropped == 0 ? 0 : 1 << (dropped - 1);
    int bits = Float.floatToRawIntBits((float) value) + half;
    return Float.intBitsToFloat(bits & -(1 << dropped));
  }
}
