package dev.lamina.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class PeersTest {
  @Test
  void wrongUsageEndsWithCodeTwoBeforeAnythingRuns() {
    assertUsageError("unknown network 'lenet'; there are: lenet5", "--model", "lenet");
    assertUsageError("unknown engine 'jax'", "--engines", "pytorch,jax");
    assertUsageError("exclude each other", "--seconds", "1", "--steps", "5");
    assertUsageError("--batch-size must be above 0", "--batch-size", "0");
    assertUsageError("--seconds must be above 0", "--seconds", "NaN");
  }

  private static void assertUsageError(String part, String... arguments) {
    StringWriter errors = new StringWriter();
    String[] all = new String[arguments.length + 2];
    all[0] = "--native-cache";
    all[1] = "unused";
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    int code = new CommandLine(new Peers()).setErr(new PrintWriter(errors)).execute(all);
    assertTrue(errors.toString().contains(part), errors.toString());
    assertEquals(2, code);
  }
}
