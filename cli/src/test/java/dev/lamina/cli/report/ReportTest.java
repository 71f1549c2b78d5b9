package dev.lamina.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cli.json.Json;
import dev.lamina.cli.run.RunDirectory;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ReportTest {
  private static final String MARKUP = "<script>alert(\"1\")</script> & co";

  @TempDir Path folder;
  private RunDirectory run;

  @BeforeEach
  void makeRun() throws Exception {
    run = RunDirectory.createAt(folder.resolve("run"));
    run.writeRecord(
        Json.object(
            "schema",
            1,
            "started",
            "2026-01-02T03:04:05+00:00",
            "device",
            Json.object("name", "cpu", "libraries", Map.of("oneDNN", "3.11.0")),
            "precision",
            "f32",
            "configuration",
            Json.object(
                "model",
                "lenet5",
                "dataset",
                "mnist",
                "data_dir",
                "/my data/it's",
                "lr",
                0.05,
                "seed",
                7,
                "nesterov",
                false)));
  }

  private Document page() throws Exception {
    byte[] html = Files.readAllBytes(Report.write(run));
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(html));
  }

  private static List<Element> elements(Document page, String name) {
    List<Element> elements = new ArrayList<>();
    NodeList found = page.getElementsByTagName(name);
    for (int i = 0; i < found.getLength(); i++) {
      elements.add((Element) found.item(i));
    }
    return elements;
  }

  private static List<Element> ofClass(Document page, String name, String style) {
    return elements(page, name).stream()
        .filter(element -> List.of(element.getAttribute("class").split(" ")).contains(style))
        .toList();
  }

  private void metrics(String... lines) throws Exception {
    Files.writeString(run.metrics(), String.join("\n", lines) + "\n");
  }

  static String epoch(int epoch, String split, double loss) {
    return Json.line(
        Json.object(
            "epoch",
            epoch,
            "split",
            split,
            "loss",
            loss,
            "accuracy",
            1 - loss / 2,
            "samples_per_second",
            split.equals("train") ? 1000.0 : null,
            "lr",
            split.equals("train") ? 0.1 : null));
  }

  /** An evaluation of classes that all have a sample, and of which each is taken for the next. */
  static Map<String, Object> evaluation(int classes, String name) {
    List<Object> scores = new ArrayList<>();
    List<Object> confusion = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      scores.add(Json.object("name", name + c, "support", 3, "f1", c == 0 ? null : 0.5));
      List<Object> row = new ArrayList<>();
      for (int p = 0; p < classes; p++) {
        row.add(p == c ? 2 : p == (c + 1) % classes ? 1 : 0);
      }
      confusion.add(row);
    }
    List<Object> samples =
        List.of(
            Json.object(
                "sample",
                3,
                "target",
                0,
                "predicted",
                1,
                "confidence",
                0.75,
                "probabilities",
                List.of(List.of(1, 0.75), List.of(0, 0.25)),
                "picture",
                "AAAA"));
    return Json.object(
        "epoch",
        3,
        "macro",
        Json.object("f1", 0.625),
        "classes",
        scores,
        "confusion",
        confusion,
        "confused",
        List.of(Json.object("target", 0, "predicted", 1, "count", 1)),
        "roc",
        classes == 2 ? List.of(List.of(0, 0), List.of(0.5, 1), List.of(1, 1)) : null,
        "hardest",
        samples,
        "first",
        samples);
  }

  @Test
  void showsTheFiguresOfTheSummary() throws Exception {
    Map<String, Object> summary =
        Json.object(
            "status", "finished",
            "epochs", 3,
            "test_accuracy", 0.9872,
            "test_loss", 0.0411,
            "train_accuracy", 0.99911,
            "train_loss", 0.0123,
            "samples_per_second", 31234.5,
            "seconds", 75.25,
            "parameters", 61706);
    run.writeSummary(summary);
    run.writeEvaluation(evaluation(3, "class"));
    metrics(epoch(1, "train", 0.5), epoch(1, "test", 0.4));
    Document page = page();
    int compared = 0;
    for (Element figure : elements(page, "data")) {
      if (summary.get(figure.getAttribute("id")) instanceof Number expected) {
        assertEquals(expected.doubleValue(), Double.parseDouble(figure.getAttribute("value")), 0);
        compared++;
      }
    }
    assertEquals(7, compared);
    List<String> shown = elements(page, "data").stream().map(Element::getTextContent).toList();
    assertTrue(
        shown.containsAll(List.of("98.72 %", "0.0411", "99.91 %", "31,235", "1:15", "61,706")),
        shown.toString());
    assertTrue(ofClass(page, "ul", "missing").isEmpty());
  }

  @Test
  void needsNothingFromElsewhere() throws Exception {
    run.writeEvaluation(evaluation(2, "class"));
    metrics(epoch(1, "train", 0.5));
    String html = Files.readString(Report.write(run));
    Matcher reference =
        Pattern.compile("(src|href|url|@import)\\W{1,2}([^\"]{0,12})").matcher(html);
    while (reference.find()) {
      assertTrue(reference.group(2).startsWith("data:image"), reference.group());
    }
    assertFalse(html.contains("http"), "no address");
    assertTrue(html.contains("prefers-color-scheme: dark"));
  }

  @Test
  void marksTheLowestTestLoss() throws Exception {
    metrics(
        epoch(1, "train", 0.9),
        epoch(1, "test", 0.8),
        epoch(2, "train", 0.5),
        epoch(2, "test", 0.4),
        epoch(3, "train", 0.2),
        epoch(3, "test", 0.6));
    Document page = page();
    List<Element> large =
        ofClass(page, "circle", "test").stream()
            .filter(dot -> dot.getAttribute("r").equals("4.5"))
            .toList();
    assertEquals(2, large.size(), "in loss and accuracy");
    assertEquals("test, epoch 2: 0.4", large.get(0).getTextContent());
    assertTrue(page.getDocumentElement().getTextContent().contains("what follows overfits"));
    List<Element> lines = ofClass(page, "path", "test");
    assertEquals(2, lines.size());
    String[] coordinates = lines.get(0).getAttribute("d").substring(1).split("[ L]");
    assertEquals(6, coordinates.length);
    double first = Double.parseDouble(coordinates[1]);
    assertTrue(first < Double.parseDouble(coordinates[3]), "upwards is less in SVG");
    // The ordinate is even: 0.8, 0.4 and 0.6 lie two to one.
    assertEquals(
        2 * (Double.parseDouble(coordinates[5]) - first),
        Double.parseDouble(coordinates[3]) - first,
        0.3);
  }

  @Test
  void drawsTheConfusionMatrixWithItsCounts() throws Exception {
    run.writeEvaluation(evaluation(4, "class"));
    Document page = page();
    Element map = ofClass(page, "table", "map").get(0);
    Element body = (Element) map.getElementsByTagName("tbody").item(0);
    List<String> cells = new ArrayList<>();
    NodeList found = body.getElementsByTagName("td");
    for (int i = 0; i < found.getLength(); i++) {
      Element cell = (Element) found.item(i);
      cells.add(cell.getTextContent() + cell.getAttribute("class"));
    }
    // Two of three are right: root of 2/3 in tenths, upwards; one of three likewise.
    assertEquals(
        List.of("2 66.7h9", "1 33.3h6", "h0", "h0", "h0", "2 66.7h9"), cells.subList(0, 6));
    assertTrue(ofClass(page, "svg", "").isEmpty(), "no curve without points");
  }

  @ParameterizedTest
  @ValueSource(ints = {31, 1000})
  void drawsManyClassesAsAPicture(int classes) throws Exception {
    run.writeEvaluation(evaluation(classes, "class"));
    Document page = page();
    assertEquals(1, ofClass(page, "img", "map").size());
    assertTrue(ofClass(page, "table", "scores").get(0).getElementsByTagName("tr").getLength() < 44);
  }

  @Test
  void showsRocOfTwoClassesOnly() throws Exception {
    run.writeEvaluation(evaluation(2, "class"));
    assertTrue(text(page()).contains("ROC of class1"));
    run.writeEvaluation(evaluation(3, "class"));
    assertFalse(text(page()).contains("ROC"));
  }

  private static String text(Document page) {
    return elements(page, "body").get(0).getTextContent();
  }

  @Test
  void escapesNames() throws Exception {
    run.writeEvaluation(evaluation(3, MARKUP + "\u0000\ud800"));
    Document page = page();
    assertEquals(0, elements(page, "script").size());
    assertTrue(text(page).contains(MARKUP));
  }

  @Test
  void saysWhatIsMissing() throws Exception {
    List<Element> missing = ofClass(page(), "ul", "missing");
    String text = missing.get(0).getTextContent();
    for (String wanted : List.of("no summary.json", "no evaluation.json", "no curves")) {
      assertTrue(text.contains(wanted), text);
    }
    Files.write(run.metrics(), new byte[] {'{', (byte) 0xff, '\n', '7', '\n', '{', '}', '\n'});
    Files.writeString(run.path().resolve("evaluation.json"), "{\"classes\": [");
    run.writeSummary(Json.object("status", "diverged", "test_loss", Double.NaN, "epochs", 0));
    Document page = page();
    text = ofClass(page, "ul", "missing").get(0).getTextContent();
    assertTrue(text.contains("2 damaged lines"), text);
    assertTrue(text.contains("evaluation.json is damaged"), text);
    assertTrue(text(page).contains("Run diverged"));
    run.writeEvaluation(evaluation(2, "class"));
    run.writeSummary(Json.object("status", "finished", "epochs", 5));
    text = ofClass(page(), "ul", "missing").get(0).getTextContent();
    assertTrue(text.contains("after epoch 3"), text);
  }

  @Test
  void bearsWrongTypesEverywhere() throws Exception {
    for (String key : evaluation(2, "class").keySet()) {
      for (Object wrong : Stream.of("text", List.of("a", List.of(1)), 7, -1e300, true).toList()) {
        Map<String, Object> evaluation = evaluation(2, "class");
        evaluation.put(key, wrong);
        run.writeEvaluation(evaluation);
        page();
      }
    }
  }

  @Test
  void givesTheCommandThatRepeatsTheRun() throws Exception {
    String command = elements(page(), "pre").get(0).getTextContent();
    String expected =
        "lamina train lenet5 --dataset mnist --data-dir '/my data/it'\\''s' --seed 7 --lr 0.05"
            + " --no-nesterov";
    assertEquals(expected, command);
  }

  /** By WCAG 2: 4.5 to 1 for text on what lies behind it. */
  @Test
  void hasContrastInLightAndDark() throws Exception {
    String html = Files.readString(Report.write(run));
    Matcher palettes = Pattern.compile(":root \\{(.*?)\\}", Pattern.DOTALL).matcher(html);
    int count = 0;
    while (palettes.find()) {
      String palette = palettes.group(1);
      double[] card = colour(palette, "card");
      double[] heat = colour(palette, "heat");
      for (String ink : List.of("ink", "muted", "train", "test")) {
        for (String behind : List.of("card", "paper")) {
          contrast(ink + " on " + behind, colour(palette, ink), colour(palette, behind));
        }
      }
      Matcher steps =
          Pattern.compile("\\.h(\\d+) \\{ background: rgba?\\(var\\(--heat\\)(?:, ([\\d.]+))?\\)")
              .matcher(html);
      int shades = 0;
      while (steps.find()) {
        double alpha = steps.group(2) == null ? 1 : Double.parseDouble(steps.group(2));
        double[] behind = new double[3];
        for (int c = 0; c < 3; c++) {
          behind[c] = alpha * heat[c] + (1 - alpha) * card[c];
        }
        String ink = Integer.parseInt(steps.group(1)) >= 8 ? "on-heat" : "ink";
        contrast("shade " + steps.group(1), colour(palette, ink), behind);
        shades++;
      }
      assertEquals(10, shades);
      count++;
    }
    assertEquals(2, count);
  }

  private static void contrast(String what, double[] one, double[] other) {
    double lighter = Math.max(luminance(one), luminance(other));
    double darker = Math.min(luminance(one), luminance(other));
    double ratio = (lighter + 0.05) / (darker + 0.05);
    assertTrue(ratio >= 4.5, what + ": " + ratio);
  }

  private static double luminance(double[] rgb) {
    double[] weights = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int c = 0; c < 3; c++) {
      double s = rgb[c] / 255;
      sum += weights[c] * (s <= 0.04045 ? s / 12.92 : Math.pow((s + 0.055) / 1.055, 2.4));
    }
    return sum;
  }

  private static double[] colour(String palette, String name) {
    Matcher found = Pattern.compile("--" + name + ": ([^;]+);").matcher(palette);
    assertTrue(found.find(), name);
    String value = found.group(1);
    if (value.startsWith("#")) {
      int rgb = Integer.parseInt(value.substring(1), 16);
      return new double[] {rgb >> 16, rgb >> 8 & 0xff, rgb & 0xff};
    }
    return Stream.of(value.split(", ")).mapToDouble(Double::parseDouble).toArray();
  }

  @Test
  void keepsUtf8() throws Exception {
    run.writeEvaluation(evaluation(2, "Größe "));
    byte[] html = Files.readAllBytes(Report.write(run));
    assertTrue(new String(html, StandardCharsets.UTF_8).contains("Größe 1"));
  }
}
