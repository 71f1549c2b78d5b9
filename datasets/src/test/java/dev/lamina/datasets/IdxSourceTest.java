package dev.lamina.datasets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.data.DataException;
import dev.lamina.data.DataSplits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Idx files in a user's folder: what is taken, and what is said about what is not. */
class IdxSourceTest {
  private static final String TRAIN_IMAGES = "train-images-idx3-ubyte.gz";
  private static final String TRAIN_LABELS = "train-labels-idx1-ubyte.gz";

  @TempDir Path folder;

  @BeforeEach
  void writeFiles() throws IOException {
    IdxBytes.writeAll(folder);
  }

  @Test
  void takesCountsPixelsAndLabelsFromTheFiles() {
    DataSplits splits = open(folder);
    assertEquals(12, splits.train().size());
    assertEquals(7, splits.test().size());
    assertEquals("mnist", splits.train().name());
    assertEquals(DatasetCatalog.describe("mnist").spec(), splits.train().spec());
    assertEquals(DatasetCatalog.describe("mnist").normalization(), splits.train().normalization());
    ByteBuffer image = ByteBuffer.allocate(784);
    splits.train().read(11, image);
    for (int p = 0; p < 784; p++) {
      assertEquals((byte) (33 + p), image.get(p));
    }
    assertEquals(1, splits.train().label(11));
    assertEquals(4, splits.provenance().size());
    assertTrue(
        splits.provenance().get(TRAIN_IMAGES).matches("unknown content, sha256 [0-9a-f]{64}"));
  }

  @Test
  void takesUnzippedFilesUnderBothOfTheirNames() throws IOException {
    Path plain = Files.createDirectory(folder.resolve("plain"));
    Files.write(plain.resolve("train-images-idx3-ubyte"), IdxBytes.images(3));
    Files.write(plain.resolve("train-labels.idx1-ubyte"), IdxBytes.labels(3));
    Files.write(plain.resolve("t10k-images.idx3-ubyte"), IdxBytes.images(2));
    Files.write(plain.resolve("t10k-labels-idx1-ubyte"), IdxBytes.labels(2));
    assertEquals(3, open(plain).train().size());
  }

  @Test
  void trustsTheFirstBytesNotTheName() throws IOException {
    Files.write(folder.resolve(TRAIN_IMAGES), IdxBytes.images(12));
    assertEquals(12, open(folder).train().size());
  }

  @Test
  void prefersTheSubfolderOfItsName() throws IOException {
    Path own = folder.resolve("fashion-mnist");
    IdxBytes.writeAll(own);
    Files.write(own.resolve("t10k-images-idx3-ubyte.gz"), IdxBytes.gzip(IdxBytes.images(1)));
    Files.write(own.resolve("t10k-labels-idx1-ubyte.gz"), IdxBytes.gzip(IdxBytes.labels(1)));
    DatasetOptions options = DatasetOptions.defaults().withDataDir(folder);
    assertEquals(1, DatasetCatalog.open("fashion-mnist", options).test().size());
    assertEquals(7, DatasetCatalog.open("mnist", options).test().size());
  }

  @Test
  void saysWhichFilesAreMissing() throws IOException {
    Files.delete(folder.resolve(TRAIN_LABELS));
    assertFailure(
        folder,
        "data set mnist",
        folder + " has train-images-idx3-ubyte.gz, t10k-images-idx3-ubyte.gz,",
        "but not train-labels-idx1-ubyte.gz; put the missing files there");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertFailure(
        empty,
        "neither " + empty.resolve("mnist") + " nor " + empty + " has its files; put",
        TRAIN_IMAGES,
        "t10k-labels-idx1-ubyte.gz",
        "to download them (12 MB)");
    assertFailure(folder.resolve("none"), "the data directory", "none does not exist");
    assertFailure(folder.resolve(TRAIN_IMAGES), "is not a folder");
  }

  @Test
  void refusesForeignAndDamagedFiles() throws IOException {
    byte[] whole = IdxBytes.images(12);
    byte[] zipped = IdxBytes.gzip(whole);
    assertImages(IdxBytes.gzip(IdxBytes.labels(1000)), "begins with 0x00000801", "0x00000803");
    assertImages("<html>404 not found</html>".getBytes(), "begins with 0x3c68746d");
    assertImages(new byte[0], "ends after 0 bytes, within its header of 16");
    assertImages(Arrays.copyOf(whole, 15), "ends after 15 bytes");
    assertImages(Arrays.copyOf(whole, whole.length - 1), "12 items of 784 bytes");
    assertImages(Arrays.copyOf(whole, whole.length + 1), "more follows than the 12 items");
    assertImages(IdxBytes.gzip(Arrays.copyOf(whole, whole.length - 1)), "only 11 whole ones");
    assertImages(IdxBytes.gzip(Arrays.copyOf(whole, whole.length + 1)), "more follows than");
    assertImages(Arrays.copyOf(zipped, zipped.length / 2), "truncated");
    assertImages(Arrays.copyOf(zipped, zipped.length - 4), "truncated");
    byte[] damaged = zipped.clone();
    damaged[damaged.length - 8] ^= 1;
    assertImages(damaged, "gzip stream is damaged (Corrupt GZIP trailer)");
    assertImages(header(0, 28, 28), "its header gives 0 items");
    assertImages(header(-1, 28, 28), "its header gives -1 items");
    assertImages(header(1, 32, 28), "extent of 32 where 28 is expected");
    assertImages(header(1, 28, 0), "extent of 0 where 28 is expected");
    assertImages(header(Integer.MAX_VALUE, 28, 28), "more than a file of its length can hold");
  }

  /** 64 MB of content behind a header that gives 784 bytes. */
  @Test
  void readsNoMoreThanTheHeaderGives() throws IOException {
    byte[] bomb = Arrays.copyOf(IdxBytes.images(1), 64 << 20);
    assertImages(IdxBytes.gzip(bomb), "more follows than the 1 items");
  }

  @Test
  void refusesLabelsOutOfRangeAndCountsThatDisagree() throws IOException {
    byte[] labels = IdxBytes.labels(12);
    labels[8 + 5] = 10;
    Files.write(folder.resolve(TRAIN_LABELS), labels);
    assertFailure(folder, TRAIN_LABELS + ": label 10 of item 5 is outside 0..9");
    labels[8 + 5] = (byte) 255;
    Files.write(folder.resolve(TRAIN_LABELS), labels);
    assertFailure(folder, "label 255 of item 5");
    Files.write(folder.resolve(TRAIN_LABELS), IdxBytes.labels(11));
    assertFailure(
        folder, TRAIN_IMAGES + " has 12 images, but", TRAIN_LABELS + " has 11 labels: they do not");
  }

  @Test
  void refusesAFolderInPlaceOfAFile() throws IOException {
    Files.delete(folder.resolve(TRAIN_IMAGES));
    Files.createDirectory(folder.resolve(TRAIN_IMAGES));
    assertFailure(folder, "cannot read " + folder.resolve(TRAIN_IMAGES));
  }

  private void assertImages(byte[] content, String... parts) throws IOException {
    Files.write(folder.resolve(TRAIN_IMAGES), content);
    assertFailure(folder, parts);
  }

  private static byte[] header(int count, int rows, int columns) {
    ByteBuffer bytes = ByteBuffer.wrap(IdxBytes.images(1));
    return bytes.putInt(4, count).putInt(8, rows).putInt(12, columns).array();
  }

  private static DataSplits open(Path dataDir) {
    return DatasetCatalog.open("mnist", DatasetOptions.defaults().withDataDir(dataDir));
  }

  private static void assertFailure(Path dataDir, String... parts) {
    String message = assertThrows(DataException.class, () -> open(dataDir)).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), () -> "\"" + part + "\" is not in: " + message);
    }
  }
}
