package dev.lamina.testkit;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

class RequiredDevicesTest {
  private static void lack(String required) {
    RequiredDevices.require("opencl", false, "there is no driver", required);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "cuda", "open", "cuda,cpu"})
  void testWithoutADeviceNobodyRequiresIsSkipped(String required) {
    assertThrows(TestAbortedException.class, () -> lack(required));
  }

  @ParameterizedTest
  @ValueSource(strings = {"opencl", "cuda,opencl"})
  void testWithoutARequiredDeviceFails(String required) {
    AssertionFailedError failure = assertThrows(AssertionFailedError.class, () -> lack(required));
    assertEquals(
        "-Ddevices.required=" + required + ", but there is no driver", failure.getMessage());
  }

  @Test
  void deviceThatIsThereIsEnough() {
    assertDoesNotThrow(() -> RequiredDevices.require("opencl", true, "nothing", "opencl"));
    assertDoesNotThrow(() -> RequiredDevices.require("opencl", true, "nothing", ""));
  }
}
