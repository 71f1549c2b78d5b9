package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cli.json.Json;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictCommandTest {
  @TempDir static Path folder;
  private static List<?> first;

  @BeforeAll
  static void train() throws IOException {
    Path data = TinyMnist.write(folder.resolve("data"));
    String line =
        "train mlp-12 --dataset mnist --device reference --batch-size 16 --lr 0.02 --epochs 1 -q"
            + " --out run --data-dir ";
    assertEquals(0, new Cli().in(folder).run((line + data).split(" ")).exitCode());
    Map<String, Object> evaluation =
        Json.readObject(Files.readString(folder.resolve("run/evaluation.json")));
    first = (List<?>) evaluation.get("first");
  }

  private static BufferedImage picture(int sample) throws IOException {
    String png = (String) ((Map<?, ?>) first.get(sample)).get("picture");
    return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(png)));
  }

  private static void write(BufferedImage image, String file) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    assertTrue(ImageIO.write(image, "png", path.toFile()));
  }

  private static Cli.Outcome predict(String... images) {
    String[] arguments = new String[images.length + 3];
    arguments[0] = "predict";
    arguments[1] = "run";
    arguments[2] = "--json";
    System.arraycopy(images, 0, arguments, 3, images.length);
    return new Cli().in(folder).run(arguments);
  }

  private static void assertAnswersAsEvaluated(int sample, String... images) {
    Cli.Outcome outcome = predict(images);
    assertEquals(0, outcome.exitCode(), outcome.err());
    Map<?, ?> expected = (Map<?, ?>) first.get(sample);
    List<?> predictions = (List<?>) outcome.document().get("predictions");
    for (Object prediction : predictions) {
      Map<?, ?> answer = (Map<?, ?>) prediction;
      assertEquals(expected.get("predicted"), answer.get("index"));
      assertEquals((double) expected.get("confidence"), (double) answer.get("confidence"), 1e-6);
      assertEquals(10, ((Map<?, ?>) answer.get("probabilities")).size());
    }
  }

  @Test
  void answersForPicturesOfAnySizeAndColourAsForTheSample() throws IOException {
    BufferedImage sample = picture(4);
    BufferedImage grey = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
    BufferedImage deep = new BufferedImage(28, 28, BufferedImage.TYPE_USHORT_GRAY);
    BufferedImage clear = new BufferedImage(28, 28, BufferedImage.TYPE_INT_ARGB);
    // Three times as large, with broad margins at the sides that are cut off.
    BufferedImage wide = new BufferedImage(124, 84, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 84; y++) {
      for (int x = 0; x < 84; x++) {
        int value = sample.getRGB(x / 3, y / 3) & 0xff;
        wide.setRGB(x + 20, y, value << 16 | value << 8 | value);
        grey.getRaster().setSample(x / 3, y / 3, 0, value);
        deep.getRaster().setSample(x / 3, y / 3, 0, value * 257);
        int alpha = 255 - value;
        clear.setRGB(x / 3, y / 3, alpha << 24);
      }
    }
    write(sample, "any/colour.png");
    write(grey, "any/grey.PNG");
    write(deep, "any/deep.png");
    write(clear, "any/clear.png");
    write(wide, "any/wide.png");
    Files.writeString(folder.resolve("any/notes.txt"), "no picture");
    assertAnswersAsEvaluated(4, "any");
    assertEquals(5, ((List<?>) predict("any").document().get("predictions")).size());
  }

  @Test
  void printsClassAndConfidence() throws IOException {
    write(picture(0), "one/a.png");
    write(picture(1), "one/b.png");
    Cli.Outcome outcome = new Cli().in(folder).run("predict", "run", "one/a.png", "one/b.png");
    assertEquals(0, outcome.exitCode(), outcome.err());
    List<String> lines = outcome.outLines();
    assertEquals(3, lines.size(), outcome.out());
    assertTrue(lines.get(1).matches(".*a\\.png +\\d +[\\d.]+ % +\\d [\\d.]+ %, \\d [\\d.]+ %"));
  }

  @Test
  void saysWhatCannotBeRead() throws IOException {
    Files.writeString(folder.resolve("text.png"), "no picture");
    Files.createDirectories(folder.resolve("empty"));
    write(picture(0), "cut/cut.png");
    byte[] whole = Files.readAllBytes(folder.resolve("cut/cut.png"));
    Files.write(folder.resolve("cut.png"), Arrays.copyOf(whole, 60));
    for (String wrong : List.of("text.png", "empty", "cut.png", "missing.png")) {
      Cli.Outcome outcome = predict(wrong);
      assertEquals(4, outcome.exitCode(), outcome.err());
      assertTrue(outcome.err().contains(wrong), outcome.err());
    }
  }
}
