package dev.lamina.bench.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class OpsTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  @Test
  void ratesFollowFromTimesAndCosts() throws IOException {
    Path json = folder.resolve("ops.json");
    int code =
        run(
            "--device=cpu",
            "--against=cpu",
            "--lists=lenet5",
            "--ops=^fc3$|^pool2/backward",
            "--batch-size=4",
            "--rounds=1",
            "--window-millis=1",
            "--json=" + json);
    assertEquals(0, code, err::toString);
    JsonNode report = new ObjectMapper().readTree(json.toFile());
    assertTrue(report.at("/device/peak/gflops").asDouble() > 0);
    JsonNode fc3 = report.at("/results/0");
    assertEquals("linear", fc3.get("op").asText());
    assertEquals(2 * 4 * 84 * 10, fc3.get("flops").asLong());
    double nanos = 1e3 * fc3.at("/measured/least_micros").asDouble();
    assertEquals(fc3.get("flops").asDouble() / nanos, fc3.at("/measured/gflops").asDouble(), 1e-6);
    assertTrue(fc3.at("/against/median_micros").asDouble() * 1e3 > 0);
    assertEquals("pool2/backward", report.at("/results/1/place").asText());
    assertTrue(out.toString().contains("all calls of an op"), out::toString);
  }

  @Test
  void onlyWaysThatAreWantedAreTimed() throws IOException {
    String product = fc1("--ways=gemm").at("/measured/way").asText();
    assertTrue(product.contains("gemm"), product);
    JsonNode without = fc1("--ways=^(?!.*gemm)").at("/measured/way");
    assertFalse(without.asText().contains("gemm"), without::toString);
    JsonNode alone = fc1("--against-ways=^no such way$");
    assertTrue(alone.at("/measured/way").isTextual(), alone::toString);
    assertFalse(alone.at("/against/way").isTextual(), alone::toString);
  }

  private JsonNode fc1(String ways) throws IOException {
    Path json = folder.resolve("ways.json");
    int code =
        run(
            ways,
            "--device=cpu",
            "--against=cpu",
            "--lists=lenet5",
            "--ops=^fc1$",
            "--batch-size=4",
            "--rounds=1",
            "--window-millis=1",
            "--json=" + json);
    assertEquals(0, code, err::toString);
    return new ObjectMapper().readTree(json.toFile()).at("/results/0");
  }

  @Test
  void aModelThatDoesNotExistEndsTheRun() {
    assertEquals(1, run("--device=cpu", "--lists=lenet6"));
    assertTrue(err.toString().contains("unknown model lenet6"), err::toString);
  }

  @Test
  void aPatternThatMatchesNothingIsWrongUsage() {
    assertEquals(2, run("--device=cpu", "--lists=lenet5", "--ops=^nothing$"));
  }

  private int run(String... arguments) {
    CommandLine commandLine = Ops.commandLine();
    commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return commandLine.execute(arguments);
  }
}
