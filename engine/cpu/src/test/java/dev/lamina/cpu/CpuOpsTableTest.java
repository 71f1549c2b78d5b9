package dev.lamina.cpu;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import dev.lamina.testkit.OpMatrix;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The CPU's column in the table of ops. */
class CpuOpsTableTest {
  @Test
  void documentSaysHowEachOpRuns() {
    assumeTrue(Generated.available(), "the table is that of a machine with generated code");
    try (Device device = new CpuDeviceProvider().open(0, DeviceOptions.defaults().withThreads(2))) {
      device.turn().lock();
      try {
        OpMatrix.check(
            Path.of("../../docs/ops.md"), "CPU", device::ways, CpuOpsTableTest::maker, Set.of());
      } finally {
        device.turn().unlock();
      }
    }
  }

  /** Names differ between machines, whose code it is does not. */
  private static String maker(String implementation) {
    if (implementation.startsWith("loop")) {
      return "Java";
    }
    boolean ours = implementation.matches("(avx2:|generated|pooled).*");
    return ours ? "generated" : "oneDNN";
  }
}
