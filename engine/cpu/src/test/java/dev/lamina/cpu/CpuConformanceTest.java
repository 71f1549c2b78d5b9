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
    Path table = Path.of("../../docs/ops.md");
    // With AVX-512, oneDNN has code of its own where it has none for AVX2.
    if (device().info().libraries().get("instruction set").equals("avx2")) {
      OpMatrix.check(table, "CPU", device()::ways, CpuConformanceTest::maker, Set.of());
    } else {
      OpMatrix.checkNames(table, "CPU", device()::ways, CpuConformanceTest::maker);
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
