package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs the program as a process in a locale without accents. */
@EnabledOnOs(OS.LINUX)
class LocaleTest {
  /** As bytes: the tests themselves may run in such a locale. */
  private static final String ACCENTS = "\"$(printf 'donn\\303\\251es')\"";

  @TempDir Path folder;

  private record Outcome(int exitCode, String out, String err) {}

  @BeforeEach
  void makeFiles() throws IOException {
    TinyMnist.write(folder.resolve("data"));
    Files.writeString(
        folder.resolve("rates.yaml"),
        """
        base: {model: mlp-12, dataset: mnist, device: reference, epochs: 1, data_dir: data}
        vary: {lr: [0.01, 0.05]}
        repeats: 2
        """);
  }

  /** Runs {@code lamina} with words as a shell reads them. */
  private Outcome run(String locale, String before, String words)
      throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String command =
        List.of(java, "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"))
            .stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" "));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(
                "sh", "-c", before + " exec " + command + " " + Main.class.getName() + " " + words)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("LC_ALL", locale);
    builder.environment().put("LAMINA_HOME", "home");
    int exitCode = builder.start().waitFor();
    return new Outcome(exitCode, text(out), text(err));
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
  }

  @Test
  void printsPlainAsciiInLocaleC() throws Exception {
    Outcome outcome = run("C", "", "experiment rates.yaml");
    assertEquals(0, outcome.exitCode, outcome.err);
    assertTrue(outcome.out.contains(" +- "), outcome.out);
    assertTrue((outcome.out + outcome.err).chars().allMatch(c -> c < 128), outcome.out);
  }

  @Test
  void advisesWhereAccentsOfAPathAreLost() throws Exception {
    Outcome outcome =
        run("C", "mv data " + ACCENTS + ";", "experiment rates.yaml --data-dir " + ACCENTS);
    assertEquals(2, outcome.exitCode, outcome.err);
    assertTrue(outcome.err.contains("set LC_ALL=C.UTF-8 and call again"), outcome.err);
    assertEquals(1, outcome.err.lines().count(), outcome.err);
  }

  @Test
  void takesPathsWithAccentsWhereTheLocaleKnowsThem() throws Exception {
    String train = "train mlp-12 --dataset mnist --device reference --epochs 1 --out r --data-dir ";
    Outcome outcome = run("C.UTF-8", "mv data " + ACCENTS + ";", train + ACCENTS);
    assertEquals(0, outcome.exitCode, outcome.err);
    Outcome again = run("C", "", "report r");
    assertEquals(0, again.exitCode, again.err);
    assertTrue(Files.readString(folder.resolve("r/report.html")).contains("donn\u00e9es"));
  }
}
