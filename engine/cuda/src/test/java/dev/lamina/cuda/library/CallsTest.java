package dev.lamina.cuda.library;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every call of the device's, through JCuda's natives, on stand-ins that compute on the host. */
class CallsTest {
  @TempDir Path folder;

  @Test
  void argumentsArriveAndResultsComeBack() {
    StandIns machine = new StandIns(folder).computing();
    assertEquals("done", machine.process("dev.lamina.cuda.call.CallsProcess", machine.built()));
  }
}
