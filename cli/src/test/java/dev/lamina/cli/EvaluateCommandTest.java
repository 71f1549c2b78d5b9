package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cli.json.Json;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
  @TempDir static Path folder;

  @BeforeAll
  static void train() throws IOException {
    Path data = TinyMnist.write(folder.resolve("data"));
    String line =
        "train mlp-12 --dataset mnist --device reference --batch-size 16 --lr 0.02 --epochs 1 -q"
            + " --out run --data-dir ";
    Cli.Outcome outcome = new Cli().in(folder).run((line + data).split(" "));
    assertEquals(0, outcome.exitCode(), outcome.err());
  }

  private static Map<String, Object> json(String file) throws IOException {
    return Json.readObject(Files.readString(folder.resolve("run").resolve(file)));
  }

  private static List<?> list(Map<?, ?> tree, String key) {
    return (List<?>) tree.get(key);
  }

  private static Map<?, ?> entry(List<?> list, int index) {
    return (Map<?, ?>) list.get(index);
  }

  @Test
  void trainingKeepsAnEvaluationThatAgreesWithTheSummary() throws IOException {
    Map<String, Object> evaluation = json("evaluation.json");
    Map<String, Object> summary = json("summary.json");
    assertEquals(summary.get("test_accuracy"), evaluation.get("accuracy"));
    assertEquals(summary.get("test_loss"), evaluation.get("loss"));
    assertEquals(30L, evaluation.get("samples"));
    long right = 0;
    long all = 0;
    List<?> confusion = list(evaluation, "confusion");
    for (int target = 0; target < 10; target++) {
      List<?> row = (List<?>) confusion.get(target);
      long support = 0;
      for (int c = 0; c < 10; c++) {
        support += (long) row.get(c);
      }
      all += support;
      right += (long) row.get(target);
      assertEquals(support, entry(list(evaluation, "classes"), target).get("support"));
    }
    assertEquals(30, all);
    assertEquals(right / 30.0, (double) evaluation.get("accuracy"), 1e-12);
    assertEquals(24, list(evaluation, "hardest").size());
    assertEquals(10, list(entry(list(evaluation, "first"), 0), "probabilities").size());
  }

  @Test
  void keepsPicturesOfTheSamples() throws IOException {
    Map<?, ?> fourth = entry(list(json("evaluation.json"), "first"), 3);
    byte[] png = Base64.getDecoder().decode((String) fourth.get("picture"));
    BufferedImage picture = ImageIO.read(new ByteArrayInputStream(png));
    assertEquals(28, picture.getWidth());
    assertEquals(28, picture.getHeight());
    // Class 3 is where rows 6 and 7 are bright.
    assertEquals(3L, fourth.get("target"));
    assertTrue((picture.getRGB(14, 6) & 0xff) >= 150);
    assertTrue((picture.getRGB(14, 9) & 0xff) < 100);
  }

  @Test
  void printsMatrixAndScores() throws IOException {
    Cli.Outcome outcome = new Cli().in(folder).run("evaluate", "run");
    assertEquals(0, outcome.exitCode(), outcome.err());
    Map<?, ?> first = entry(list(json("evaluation.json"), "classes"), 0);
    List<String> lines = outcome.outLines();
    String scores = lines.stream().filter(line -> line.startsWith("0 ")).findFirst().orElseThrow();
    String[] cells = scores.split(" +");
    assertEquals("3", cells[1]);
    assertEquals((double) first.get("recall"), Double.parseDouble(cells[3]), 5e-5);
    assertEquals((double) first.get("auc"), Double.parseDouble(cells[5]), 5e-5);
    assertTrue(outcome.out().contains("weighted average"), outcome.out());
    int matrix = lines.indexOf("target \\ prediction  0  1  2  3  4  5  6  7  8  9");
    assertTrue(matrix > 0, outcome.out());
    String row = lines.get(matrix + 1).replace('.', '0').replaceAll(" +", ", ");
    assertEquals("[" + row.substring(3) + "]", firstRow());
    int shares = matrix + 12;
    assertTrue(lines.get(shares).startsWith("in % of the target  "), outcome.out());
    double sum = 0;
    for (String share : lines.get(shares + 1).strip().replace(" .", " 0").split(" +")) {
      sum += Double.parseDouble(share);
    }
    // The first number is the class itself, 0.
    assertEquals(100, sum, 0.5);
    int hardest = shares + 12;
    assertTrue(lines.get(hardest).startsWith("hardest sample  target"), outcome.out());
    Map<?, ?> sample = entry(list(json("evaluation.json"), "hardest"), 0);
    List<String> found = List.of(lines.get(hardest + 1).split(" +"));
    assertEquals(sample.get("sample").toString(), found.get(0));
    assertEquals(sample.get("target").toString(), found.get(1));
    assertEquals((double) sample.get("loss"), Double.parseDouble(found.get(5)), 5e-5);
  }

  @Test
  void keepsPrecisionAndRecallOfEachClass() throws IOException {
    List<?> curves = list(json("evaluation.json"), "precision_recall");
    assertEquals(10, curves.size());
    for (Object curve : curves) {
      double before = -1;
      for (Object point : (List<?>) curve) {
        double recall = (double) ((List<?>) point).get(0);
        double precision = (double) ((List<?>) point).get(1);
        assertTrue(recall >= before && recall <= 1, curve.toString());
        assertTrue(precision > 0 && precision <= 1 || recall == 0, curve.toString());
        before = recall;
      }
      assertEquals(1, before, "ends where all are found");
    }
  }

  private static String firstRow() throws IOException {
    return list(json("evaluation.json"), "confusion").get(0).toString();
  }

  @Test
  void answersProgramsAndKeepsWhatARunLacks() throws IOException {
    Path file = folder.resolve("run/evaluation.json");
    String kept = Files.readString(file);
    Map<String, Object> document = new Cli().in(folder).run("evaluate", "run", "--json").document();
    assertEquals(kept, Files.readString(file));
    assertEquals("mlp-12", document.get("model"));
    assertEquals(json("evaluation.json").get("confusion"), document.get("confusion"));
    assertFalse(entry(list(document, "first"), 0).containsKey("picture"));
    Files.delete(file);
    assertEquals(0, new Cli().in(folder).run("evaluate", "run", "-q").exitCode());
    assertEquals(kept, Files.readString(file));
  }
}
