package dev.lamina.datasets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.data.DataException;
import dev.lamina.data.DataSplits;
import dev.lamina.data.Dataset;
import dev.lamina.random.Philox;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CIFAR-10 archives and folders of a user's: what is taken, and what is said about what is not. */
class CifarSourceTest {
  private static final String ARCHIVE = "cifar-10-binary.tar.gz";

  @TempDir Path scratch;
  private Path folder;
  private Path cache;

  @BeforeEach
  void writeArchive() throws IOException {
    folder = Files.createDirectory(scratch.resolve("data"));
    cache = scratch.resolve("cache");
    Files.write(folder.resolve(ARCHIVE), IdxBytes.gzip(TarBytes.cifar().bytes()));
  }

  @Test
  void takesRecordsAndClassNamesFromTheArchive() throws IOException {
    DataSplits splits = open();
    assertCifar(splits);
    assertEquals("abcdefghij", String.join("", splits.train().spec().classNames()));
    assertEquals(1, splits.provenance().size());
    assertTrue(splits.provenance().get(ARCHIVE).matches("unknown content, sha256 [0-9a-f]{64}"));
    assertCifar(open());
    try (Stream<Path> kept = Files.list(cache.resolve("datasets/cifar-10"))) {
      assertEquals(
          1, kept.filter(path -> path.getFileName().toString().startsWith("unpacked-")).count());
    }
  }

  @Test
  void anotherArchiveIsUnpackedAnew() throws IOException {
    open();
    TarBytes other = TarBytes.cifar();
    other.file("more", new byte[1]);
    Files.write(folder.resolve(ARCHIVE), other.bytes());
    assertCifar(open());
    try (Stream<Path> kept = Files.list(cache.resolve("datasets/cifar-10"))) {
      assertEquals(
          2, kept.filter(path -> path.getFileName().toString().startsWith("unpacked-")).count());
    }
  }

  @Test
  void whatADeadProcessLeftIsDropped() throws IOException {
    String sha256 = Sha256.of(folder.resolve(ARCHIVE));
    Path left = cache.resolve("datasets/cifar-10/unpacked-" + sha256.substring(0, 16) + ".part");
    Files.createDirectories(left);
    Files.write(left.resolve("data_batch_1.bin"), new byte[7]);
    assertCifar(open());
    assertFalse(Files.exists(left));
  }

  @Test
  void takesAnUnpackedFolderWithoutTheCache() throws IOException {
    Files.delete(folder.resolve(ARCHIVE));
    Path unpacked = Files.createDirectory(folder.resolve("cifar-10-batches-bin"));
    for (int batch = 1; batch <= 5; batch++) {
      Files.write(unpacked.resolve("data_batch_" + batch + ".bin"), TarBytes.records(2, batch));
    }
    Files.write(unpacked.resolve("test_batch.bin"), TarBytes.records(2, 6));
    DataSplits splits = open();
    assertCifar(splits);
    assertEquals("airplane", splits.train().spec().classNames().get(0));
    assertEquals(6, splits.provenance().size());
    assertFalse(Files.exists(cache));
    folder = unpacked;
    assertCifar(open());

    Files.delete(unpacked.resolve("data_batch_4.bin"));
    assertFailure("cannot read " + unpacked.resolve("data_batch_4.bin") + ": no such file");
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    Files.delete(folder.resolve(ARCHIVE));
    assertFailure("data set cifar-10: neither", "put " + ARCHIVE + " there", "(171 MB)");
    assertArchive(
        new TarBytes().file("data_batch_1.bin", TarBytes.records(1, 1)).bytes(),
        "lacks data_batch_2.bin, data_batch_3.bin",
        "not the binary version of CIFAR-10");
  }

  @Test
  void refusesHostileEntries() throws IOException {
    assertHostile("../escaped", '0', "\"../escaped\" leads out of the archive");
    assertHostile("cifar-10-batches-bin/../../escaped", '0', "leads out of the archive");
    assertHostile("..\\escaped", '0', "leads out of the archive");
    assertHostile("/etc/passwd", '0', "\"/etc/passwd\" leads out of the archive");
    assertHostile("C:\\escaped", '0', "leads out of the archive");
    assertHostile("../escaped/", '5', "leads out of the archive");
    assertHostile("data_batch_1.bin", '1', "\"data_batch_1.bin\" is a link");
    assertHostile("data_batch_1.bin", '2', "\"data_batch_1.bin\" is a link");
    assertHostile("data_batch_1.bin", '3', "is no plain file");
    assertHostile("./data_batch_1.bin", '0', "holds data_batch_1.bin twice");
    try (Stream<Path> files = Files.walk(scratch)) {
      assertEquals(
          List.of(),
          files.filter(path -> path.getFileName().toString().equals("escaped")).toList());
    }
  }

  @Test
  void refusesDamagedArchives() throws IOException {
    byte[] tar = TarBytes.cifar().bytes();
    byte[] zipped = IdxBytes.gzip(tar);
    assertArchive("<html>404</html>".getBytes(), "is truncated");
    assertArchive(new byte[0], "is truncated");
    assertArchive(IdxBytes.images(10), "no tar archive");
    assertArchive(Arrays.copyOf(zipped, zipped.length / 2), "is truncated");
    assertArchive(Arrays.copyOf(zipped, zipped.length - 3), "is truncated");
    assertArchive(TarBytes.cifar().unended(), "is truncated");
    byte[] damaged = zipped.clone();
    damaged[damaged.length - 8] ^= 1;
    assertArchive(damaged, "gzip stream is damaged");
    byte[] header = tar.clone();
    header[512 + 130] ^= 1;
    assertArchive(header, "a header in it is damaged");
  }

  @Test
  void refusesBatchesThatAreNotWholeRecordsOrHaveWrongLabels() throws IOException {
    byte[] labels = TarBytes.records(2, 1);
    labels[TarBytes.RECORD] = 10;
    assertBatch(labels, "data_batch_1.bin: label 10 of record 1 is outside 0..9");
    assertBatch(new byte[0], "data_batch_1.bin has 0 bytes, which are not whole records of 3073");
    assertBatch(new byte[3074], "data_batch_1.bin has 3074 bytes");
  }

  @Test
  void refusesClassNamesThatDoNotFit() throws IOException {
    TarBytes tar = new TarBytes().file("batches.meta.txt", "cat\ndog\n".getBytes());
    assertArchive(withBatches(tar, TarBytes.records(1, 1)), "batches.meta.txt names 2 classes");
  }

  @Test
  void aCacheThatCannotBeWrittenIsNamed() throws IOException {
    cache = Files.createFile(scratch.resolve("occupied"));
    assertFailure("cannot write " + cache, "set LAMINA_HOME to a folder you may write");
  }

  /** Any damage to a header gives a message or leaves the records as they were. */
  @Test
  void damagedHeadersNeverDoHarm() throws IOException {
    byte[] tar = TarBytes.cifar().bytes();
    Philox random = new Philox(9, 9);
    int refused = 0;
    for (int trial = 0; trial < 120; trial++) {
      byte[] bytes = tar.clone();
      // The headers of the folder, of the class names and of the first batch.
      int header = new int[] {0, 512, 1536}[trial % 3];
      bytes[header + random.below(512, trial, 0)] ^= (byte) (1 << random.below(8, trial, 1));
      // Every other one passes for a header that was written so.
      if (trial % 2 == 0) {
        TarBytes.sign(bytes, header);
      }
      Files.write(folder.resolve(ARCHIVE), bytes);
      try {
        assertCifar(open());
      } catch (DataException e) {
        refused++;
      }
    }
    assertTrue(refused > 60 && refused < 120, refused + " refused");
  }

  private void assertBatch(byte[] first, String part) throws IOException {
    assertArchive(withBatches(new TarBytes(), first), part);
  }

  private static byte[] withBatches(TarBytes tar, byte[] first) {
    tar.file("data_batch_1.bin", first);
    for (int batch = 2; batch <= 5; batch++) {
      tar.file("data_batch_" + batch + ".bin", TarBytes.records(1, batch));
    }
    return tar.file("test_batch.bin", TarBytes.records(1, 6)).bytes();
  }

  private void assertHostile(String name, char type, String part) throws IOException {
    assertArchive(TarBytes.cifar().entry(name, type, new byte[0]).bytes(), part);
  }

  private void assertArchive(byte[] archive, String... parts) throws IOException {
    Files.write(folder.resolve(ARCHIVE), archive);
    assertFailure(parts);
  }

  private void assertFailure(String... parts) {
    String message = assertThrows(DataException.class, this::open).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), () -> "\"" + part + "\" is not in: " + message);
    }
  }

  private DataSplits open() {
    return DatasetCatalog.open(
        "cifar-10", DatasetOptions.defaults().withDataDir(folder).withCacheDir(cache));
  }

  private static void assertCifar(DataSplits splits) {
    Dataset train = splits.train();
    assertEquals(10, train.size());
    assertEquals(2, splits.test().size());
    ByteBuffer image = ByteBuffer.allocate(3072 + 2);
    for (Map.Entry<Dataset, Integer> half : Map.of(train, 1, splits.test(), 6).entrySet()) {
      for (int i = 0; i < half.getKey().size(); i++) {
        assertEquals(i % 2, half.getKey().label(i));
        half.getKey().read(i, image.clear().position(1));
        assertEquals(3073, image.position());
        for (int p = 1; p <= 3072; p++) {
          assertEquals((byte) (i % 2 + half.getValue() + i / 2 + p), image.get(p));
        }
      }
    }
    assertThrows(IndexOutOfBoundsException.class, () -> train.read(10, image.clear()));
    assertThrows(IndexOutOfBoundsException.class, () -> train.read(-1, image.clear()));
    assertThrows(BufferOverflowException.class, () -> train.read(0, ByteBuffer.allocate(3071)));
  }
}
