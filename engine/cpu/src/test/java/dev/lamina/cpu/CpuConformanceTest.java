package dev.lamina.cpu;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import dev.lamina.testkit.DeviceConformance;
import dev.lamina.testkit.OpMatrix;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CpuConformanceTest extends DeviceConformance {
  @Override
  protected Device openDevice() {
    // Two threads wherever the test runs, so that cases with two lanes have two.
    return new CpuDeviceProvider().open(0, DeviceOptions.defaults().withThreads(2));
  }

  /** Here, since the device knows the ways of all cases once the suite has asked for them. */
  @Test
  void tableOfOpsIsUpToDate() {
    assumeTrue(Generated.available(), "the table is that of a machine with generated code");
    OpMatrix.check(
        Path.of("../../docs/ops.md"), "CPU", device()::ways, CpuConformanceTest::maker, Set.of());
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
