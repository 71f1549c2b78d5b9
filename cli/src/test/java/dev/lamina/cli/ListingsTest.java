package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.models.ModelCatalog;
import dev.lamina.models.ModelProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ListingsTest {
  @Test
  void listsModelsWithTheirParameters() {
    Cli.Outcome outcome = new Cli().run("models");
    assertEquals(0, outcome.exitCode());
    assertEquals("", outcome.err());
    assertTrue(
        outcome.outLines().get(1).matches("lenet5 +61,706 +416.5 k +\\S+ KiB  LeNet-5: .*"),
        outcome.out());
    for (ModelProvider model : ModelCatalog.models()) {
      assertTrue(outcome.out().contains(model.name()), outcome.out());
    }
  }

  @Test
  void listsModelsWithoutNativeLibraries() throws Exception {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xlog:class+load:stdout",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "models");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String loaded = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor());
    assertTrue(loaded.contains("dev.lamina.models.LeNet5 "), "the log of loaded classes is there");
    for (String bindings : List.of("org.bytedeco.", "com.sun.jna.", "dev.lamina.cpu.")) {
      assertFalse(loaded.contains(bindings), bindings);
    }
  }

  @Test
  void countsParametersForAnyInput() {
    Map<String, Object> document =
        new Cli().run("--json", "models", "--input", "3x32x32", "--classes", "100").document();
    Map<String, Object> lenet = entry(document, "models", "lenet5");
    assertEquals(69_656L, lenet.get("parameters"));
    // 28x28x6 and 10x10x16 products of 75 and 150, then 400x120, 120x84 and 84x100
    long products = 28 * 28 * 6 * 75 + 10 * 10 * 16 * 150 + 400 * 120 + 120 * 84 + 84 * 100;
    assertEquals(products, lenet.get("multiply_adds"));
    // convolution, rectifier and pooling twice, linear and rectifier twice, logits
    long values = 2 * 4704 + 1176 + 2 * 1600 + 400 + 2 * 120 + 2 * 84 + 100;
    assertEquals(4 * values, lenet.get("activation_bytes"));
    assertNull(lenet.get("misfit"));
  }

  @Test
  void saysWhichModelsDoNotFit() {
    Map<String, Object> document = new Cli().run("models", "--json", "--input=1x5x5").document();
    Map<String, Object> lenet = entry(document, "models", "lenet5");
    assertNull(lenet.get("parameters"));
    assertTrue(lenet.get("misfit").toString().contains("conv2d \"conv2\""), lenet.toString());
    assertEquals(40_842L, entry(document, "models", "mlp").get("parameters"));
  }

  @Test
  void listsDatasets() {
    Cli.Outcome outcome = new Cli().run("datasets");
    assertEquals(0, outcome.exitCode());
    assertTrue(outcome.out().contains("fashion-mnist"), outcome.out());
    Map<String, Object> mnist =
        entry(new Cli().run("datasets", "--json").document(), "datasets", "mnist");
    assertEquals(60_000L, mnist.get("train_size"));
    assertEquals("1x28x28", mnist.get("input"));
    assertEquals(10, ((List<?>) mnist.get("classes")).size());
  }

  @Test
  void listsDevicesAndWhatCannotBeUsed() {
    Cli.Outcome outcome = new Cli().run("devices");
    String wanted = "brittle cannot be used: libbrittle.so.9 not found; see lamina doctor";
    assertTrue(outcome.outLines().contains(wanted), outcome.out());
    Map<String, Object> document = new Cli().run("devices", "--json").document();
    // Which families of this machine's are beside it depends on the machine.
    List<?> unusable = (List<?>) document.get("unusable");
    assertTrue(
        unusable.contains(Map.of("family", "brittle", "reason", "libbrittle.so.9 not found")),
        unusable.toString());
    boolean none = ((List<?>) document.get("devices")).isEmpty();
    assertEquals(none ? 3 : 0, outcome.exitCode());
  }

  @Test
  void findsWhatIsMissingAndSaysWhatToDo() {
    Cli.Outcome outcome = new Cli().run("doctor");
    List<String> lines = outcome.outLines();
    int broken = lines.indexOf("  fail  libbrittle: libbrittle.so.9 not found");
    assertTrue(broken > 0, outcome.out());
    assertEquals("        Install brittle 9.", lines.get(broken + 1));
    assertTrue(lines.contains("  ok    driver: version 5"), outcome.out());
    Map<String, Object> document = new Cli().run("doctor", "--json").document();
    assertEquals(outcome.exitCode() == 0, document.get("usable"));
    assertFalse(((List<?>) document.get("findings")).isEmpty());
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> entry(Map<String, Object> document, String list, String name) {
    return ((List<Map<String, Object>>) document.get(list))
        .stream().filter(entry -> entry.get("name").equals(name)).findFirst().orElseThrow();
  }
}
