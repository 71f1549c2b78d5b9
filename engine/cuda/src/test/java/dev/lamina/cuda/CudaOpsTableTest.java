package dev.lamina.cuda;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.Precision;
import dev.lamina.kernels.Form;
import dev.lamina.testkit.OpMatrix;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** CUDA's columns in the table of ops, from a dry run. */
class CudaOpsTableTest {
  private static final Set<String> FORMS =
      Arrays.stream(Form.values())
          .filter(form -> form != Form.CANONICAL)
          .map(Form::toString)
          .collect(Collectors.toSet());

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Precision.class)
  void documentSaysHowEachOpRuns(Precision precision) {
    DeviceOptions options = DeviceOptions.defaults().withPrecision(precision);
    try (Device device = DryRun.withMemory(4L << 30).open(folder, options)) {
      device.turn().lock();
      try {
        OpMatrix.check(
            Path.of("../../docs/ops.md"),
            "CUDA, " + precision,
            device::ways,
            CudaOpsTableTest::maker,
            FORMS);
      } finally {
        device.turn().unlock();
      }
    }
  }

  private static String maker(String implementation) {
    if (implementation.contains(" to ")) {
      return "reorder";
    }
    return implementation.replaceFirst("^cudnn.*", "cuDNN").replaceFirst("^cublas.*", "cuBLAS");
  }
}
