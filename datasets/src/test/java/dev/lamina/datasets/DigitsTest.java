package dev.lamina.datasets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.data.DataSplits;
import dev.lamina.data.Dataset;
import dev.lamina.random.Philox;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DigitsTest {
  private static final int PIXELS = 784;

  private static DataSplits digits;

  @BeforeAll
  static void generate() {
    digits = DatasetCatalog.open("digits", DatasetOptions.defaults());
  }

  /** The data set is part of every result gained on it: whoever changes it gives it a new name. */
  @Test
  void isTheSameOnEveryMachine() {
    assertEquals(
        Map.of(
            "digits (train)",
            "generated, sha256 f3848bfd1ec9f75a2bbef4bdb58c77b06c4b5e3cc8fc1b78d23a36125ccb5655",
            "digits (test)",
            "generated, sha256 091ae6c12fc620171af075e9f17abb3d9773c5e23f37a2332d0c24c34698094f"),
        digits.provenance());
  }

  @Test
  void saysThatAFolderOfFilesIsNotUsed() {
    List<String> heard = new ArrayList<>();
    DownloadListener listener =
        new DownloadListener() {
          @Override
          public void progress(String file, long bytes, long totalBytes) {}

          @Override
          public void notice(String message) {
            heard.add(message);
          }
        };
    DatasetCatalog.open(
        "digits",
        DatasetOptions.defaults().withListener(listener).withDataDir(Path.of("somewhere")));
    assertEquals(List.of("digits is generated; somewhere is not used"), heard);
  }

  @Test
  void hasTheDeclaredSizesAndTenEqualClasses() {
    DatasetDescription description = DatasetCatalog.describe("digits");
    assertEquals(description.trainSize(), digits.train().size());
    assertEquals(description.testSize(), digits.test().size());
    for (Dataset half : new Dataset[] {digits.train(), digits.test()}) {
      int[] counts = new int[10];
      for (int i = 0; i < half.size(); i++) {
        counts[half.label(i)]++;
      }
      int[] expected = new int[10];
      Arrays.fill(expected, half.size() / 10);
      assertArrayEquals(expected, counts);
    }
  }

  @Test
  void samplesDoNotDependOnWhatIsDrawnWithThem() {
    byte[] some = DigitsSource.pixels(777, 3);
    ByteBuffer image = ByteBuffer.allocate(PIXELS);
    for (int i = 0; i < 3; i++) {
      digits.train().read(777 + i, image.clear());
      assertArrayEquals(Arrays.copyOfRange(some, i * PIXELS, (i + 1) * PIXELS), image.array());
    }
  }

  @Test
  void declaredNormalizationIsThatOfTheTrainingImages() {
    double sum = 0;
    double squares = 0;
    int[] inked = new int[digits.train().size()];
    ByteBuffer image = ByteBuffer.allocate(PIXELS);
    for (int i = 0; i < inked.length; i++) {
      digits.train().read(i, image.clear());
      for (byte pixel : image.array()) {
        double value = (pixel & 0xFF) / 255.0;
        sum += value;
        squares += value * value;
        inked[i] += value > 0.3 ? 1 : 0;
      }
    }
    double mean = sum / (inked.length * (double) PIXELS);
    double deviation = Math.sqrt(squares / (inked.length * (double) PIXELS) - mean * mean);
    assertEquals(digits.train().normalization().mean().get(0), mean, 1e-4);
    assertEquals(digits.train().normalization().deviation().get(0), deviation, 1e-4);
    assertTrue(Arrays.stream(inked).min().getAsInt() > 15, "an image is nearly empty");
    assertTrue(Arrays.stream(inked).max().getAsInt() < PIXELS / 2, "an image is nearly full");
  }

  /** Softmax regression learns the classes, but not well: the data set has work for a network. */
  @Test
  void aLinearModelStaysUnder95Percent() {
    float[] weights = new float[10 * (PIXELS + 1)];
    float[] image = new float[PIXELS];
    float[] scores = new float[10];
    Philox shuffle = new Philox(1, 0);
    for (int epoch = 0; epoch < 4; epoch++) {
      float rate = 0.02f / (1 + epoch);
      for (int sample : shuffle.permutation(digits.train().size(), epoch)) {
        score(weights, digits.train(), sample, image, scores);
        descend(weights, digits.train().label(sample), rate, image, scores);
      }
    }
    int correct = 0;
    for (int sample = 0; sample < digits.test().size(); sample++) {
      score(weights, digits.test(), sample, image, scores);
      int best = 0;
      for (int c = 1; c < 10; c++) {
        best = scores[c] > scores[best] ? c : best;
      }
      correct += best == digits.test().label(sample) ? 1 : 0;
    }
    double accuracy = correct / (double) digits.test().size();
    assertTrue(accuracy > 0.85 && accuracy < 0.95, "accuracy " + accuracy);
  }

  private static void score(
      float[] weights, Dataset dataset, int sample, float[] image, float[] scores) {
    ByteBuffer pixels = ByteBuffer.allocate(PIXELS);
    dataset.read(sample, pixels);
    for (int i = 0; i < PIXELS; i++) {
      image[i] = (pixels.get(i) & 0xFF) / 255f;
    }
    for (int c = 0; c < 10; c++) {
      float sum = weights[10 * PIXELS + c];
      for (int i = 0; i < PIXELS; i++) {
        sum += weights[c * PIXELS + i] * image[i];
      }
      scores[c] = sum;
    }
  }

  private static void descend(
      float[] weights, int label, float rate, float[] image, float[] scores) {
    float highest = scores[0];
    for (float score : scores) {
      highest = Math.max(highest, score);
    }
    float total = 0;
    for (int c = 0; c < 10; c++) {
      scores[c] = (float) Math.exp(scores[c] - highest);
      total += scores[c];
    }
    for (int c = 0; c < 10; c++) {
      float step = rate * (scores[c] / total - (c == label ? 1 : 0));
      weights[10 * PIXELS + c] -= step;
      for (int i = 0; i < PIXELS; i++) {
        weights[c * PIXELS + i] -= step * image[i];
      }
    }
  }
}
