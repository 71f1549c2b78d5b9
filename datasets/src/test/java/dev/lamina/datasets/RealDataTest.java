package dev.lamina.datasets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.data.DataException;
import dev.lamina.data.DataSplits;
import dev.lamina.data.Dataset;
import dev.lamina.data.Normalization;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The published files and small subsets, where {@code LAMINA_TEST_DATA} names their folder. */
class RealDataTest {
  private Path data;

  @TempDir Path scratch;

  @BeforeEach
  void findData() {
    String folder = System.getenv("LAMINA_TEST_DATA");
    assumeTrue(folder != null, "LAMINA_TEST_DATA names no folder with real data");
    data = Path.of(folder);
  }

  @Test
  void mnistIsOfficial() {
    DataSplits splits = open("mnist", data);
    assertClassCounts(splits.train(), 5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949);
    assertClassCounts(splits.test(), 980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009);
    assertEquals(4, splits.provenance().size());
    splits.provenance().values().forEach(v -> assertTrue(v.startsWith("official, sha256 "), v));
    assertCentred(splits.train());
  }

  @Test
  void fashionMnistIsOfficial() {
    DataSplits splits = open("fashion-mnist", data);
    for (int count : classCounts(splits.train())) {
      assertEquals(6000, count);
    }
    for (int count : classCounts(splits.test())) {
      assertEquals(1000, count);
    }
    splits.provenance().values().forEach(v -> assertTrue(v.startsWith("official, sha256 "), v));
    assertCentred(splits.train());
  }

  @Test
  void cifar10HasItsClassesInWholeAndInPart() {
    for (Path folder : List.of(data, data.resolve("tiny"))) {
      DataSplits splits = open("cifar-10", folder);
      boolean whole = folder.equals(data);
      assertEquals(whole ? 50_000 : 1000, splits.train().size());
      assertEquals(whole ? 10_000 : 500, splits.test().size());
      assertEquals(DatasetCatalog.describe("cifar-10").spec(), splits.train().spec());
      assertEquals(1, splits.provenance().size());
      if (whole) {
        for (int count : classCounts(splits.train())) {
          assertEquals(5000, count);
        }
        for (int count : classCounts(splits.test())) {
          assertEquals(1000, count);
        }
        assertNormalized(splits.train());
      }
    }
  }

  @Test
  void subsetsAreUnknownContentWithCountsOfTheirOwn() {
    for (String name : List.of("mnist", "fashion-mnist")) {
      DataSplits splits = open(name, data.resolve("tiny"));
      assertEquals(1000, splits.train().size());
      assertEquals(500, splits.test().size());
      splits.provenance().values().forEach(v -> assertTrue(v.startsWith("unknown content"), v));
    }
  }

  @Test
  void theOtherDataSetIsNamed() {
    assertForeign("mnist", data.resolve("fashion-mnist"), "of fashion-mnist (by its sha256), not");
    assertForeign("fashion-mnist", data.resolve("mnist"), "of mnist (by its sha256), not");
  }

  @Test
  void theOtherDataSetIsNamedAlsoWhenUnzipped() throws IOException {
    for (String name :
        List.of("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")) {
      Path zipped = data.resolve("fashion-mnist").resolve(name + "-ubyte.gz");
      try (InputStream in = new GZIPInputStream(Files.newInputStream(zipped))) {
        Files.copy(in, scratch.resolve(name + "-ubyte"));
      }
    }
    assertForeign("mnist", scratch, "of fashion-mnist (by its sha256), not");
    DataSplits splits = open("fashion-mnist", scratch);
    splits.provenance().values().forEach(v -> assertTrue(v.startsWith("official, sha256 "), v));
  }

  @Test
  void swappedFilesOfOneDataSetAreNamed() throws IOException {
    for (String name : List.of("images-idx3-ubyte.gz", "labels-idx1-ubyte.gz")) {
      Files.copy(data.resolve("mnist/train-" + name), scratch.resolve("t10k-" + name));
      Files.copy(data.resolve("mnist/t10k-" + name), scratch.resolve("train-" + name));
    }
    assertForeign(
        "mnist",
        scratch,
        "is t10k-images-idx3-ubyte.gz of mnist (by its sha256), not train-images-idx3-ubyte.gz");
  }

  private void assertForeign(String name, Path folder, String part) {
    String message = assertThrows(DataException.class, () -> open(name, folder)).getMessage();
    assertTrue(message.contains(part), message);
  }

  private DataSplits open(String name, Path folder) {
    return DatasetCatalog.open(
        name, DatasetOptions.defaults().withDataDir(folder).withCacheDir(scratch));
  }

  private static void assertClassCounts(Dataset dataset, int... expected) {
    assertArrayEquals(expected, classCounts(dataset));
  }

  private static int[] classCounts(Dataset dataset) {
    int[] counts = new int[dataset.spec().classes()];
    for (int i = 0; i < dataset.size(); i++) {
      counts[dataset.label(i)]++;
    }
    return counts;
  }

  /** Black is -1 and white 1; about grey, the training images' second moment is near 1. */
  private static void assertCentred(Dataset train) {
    Normalization centred = train.normalization();
    double black = -centred.mean().get(0) / centred.deviation().get(0);
    double white = (255 * centred.scale() - centred.mean().get(0)) / centred.deviation().get(0);
    assertEquals(-1, black, 1e-6);
    assertEquals(1, white, 1e-6);
    double squares = 0;
    ByteBuffer image = ByteBuffer.allocate(train.spec().bytes());
    for (int i = 0; i < train.size(); i++) {
      train.read(i, image.clear());
      for (int element = 0; element < image.capacity(); element++) {
        double value = black + (image.get(element) & 0xFF) / 255.0 * (white - black);
        squares += value * value;
      }
    }
    assertEquals(1, squares / train.size() / train.spec().elements(), 0.35);
  }

  /** The declared normalization is that of the training images, to the digits it is given in. */
  private static void assertNormalized(Dataset train) {
    int channels = train.spec().channels();
    int plane = train.spec().elements() / channels;
    double[] sum = new double[channels];
    double[] squares = new double[channels];
    ByteBuffer image = ByteBuffer.allocate(train.spec().bytes());
    for (int i = 0; i < train.size(); i++) {
      train.read(i, image.clear());
      for (int element = 0; element < image.capacity(); element++) {
        double value = (image.get(element) & 0xFF) * (double) train.normalization().scale();
        sum[element / plane] += value;
        squares[element / plane] += value * value;
      }
    }
    double count = (double) train.size() * plane;
    for (int c = 0; c < channels; c++) {
      double mean = sum[c] / count;
      assertEquals(train.normalization().mean().get(c), mean, 1e-3);
      assertEquals(
          train.normalization().deviation().get(c),
          Math.sqrt(squares[c] / count - mean * mean),
          2e-3);
    }
  }
}
