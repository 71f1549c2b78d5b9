package dev.lamina.opencl;

import dev.lamina.kernels.KernelOps;
import dev.lamina.kernels.KernelTarget;
import dev.lamina.kernels.KernelWay;
import dev.lamina.testkit.OpMatrix;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** OpenCL's columns in the table of ops, which need no driver. */
class OpenClOpsTableTest {
  @ParameterizedTest
  @CsvSource({"'OpenCL, CPU type', true", "'OpenCL, GPU', false"})
  void documentSaysHowEachOpRuns(String column, boolean panels) {
    KernelTarget target = new KernelTarget(panels, 2);
    OpMatrix.check(
        Path.of("../../docs/ops.md"),
        column,
        call -> KernelOps.ways(call, target).stream().map(KernelWay::offered).toList(),
        UnaryOperator.identity(),
        Set.of());
  }
}
