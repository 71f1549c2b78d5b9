package dev.lamina.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelBuildExceptionTest {
  /** As clang-based drivers, PoCL and NVRTC write it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "warning: old.cl:1:1: fine\nsaxpy.cl:7:10: error: no y\n  z = y;\nlater.cl:9:1: error: no",
        "error: saxpy.cl:7:10: no y\nDevice failed to build the program",
        "saxpy.cl(7): error: no y\n  z = y;\n      ^\n1 error detected",
        "saxpy.cl(7): catastrophic error: no y",
      })
  void firstErrorIsFoundInEachCompilersLog(String log) {
    KernelBuildException failure = KernelBuildException.of("toy:0", "saxpy.cl {}", log, null);
    assertEquals("saxpy.cl", failure.file());
    assertEquals(7, failure.line());
    assertEquals("no y", failure.error());
    assertEquals(log, failure.log());
    assertEquals("saxpy.cl {}", failure.program());
    assertTrue(
        failure.getMessage().startsWith("toy:0: saxpy.cl {} does not compile: saxpy.cl, line 7"),
        failure.getMessage());
  }

  @Test
  void logWithoutALineIsGivenWhole() {
    KernelBuildException failure = KernelBuildException.of("toy:0", "a.cl", "link failed", null);
    assertEquals("a.cl", failure.file());
    assertEquals(0, failure.line());
    assertEquals("", failure.error());
    assertEquals("toy:0: a.cl does not compile; its log:\nlink failed", failure.getMessage());
  }
}
