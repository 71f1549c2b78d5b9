package dev.lamina.datasets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.data.DataException;
import dev.lamina.random.Philox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damages idx files in every way a bit or a length can go wrong: the result is right or a {@link
 * DataException}, and nothing else.
 */
class IdxFuzzTest {
  private static final int COUNT = 5;

  @TempDir Path folder;

  private final byte[] plain = IdxBytes.images(COUNT);
  private final byte[] zipped = IdxBytes.gzip(plain);

  @Test
  void anyBitOfTheHeader() throws IOException {
    int accepted = 0;
    for (int bit = 0; bit < 16 * 8; bit++) {
      accepted += read(flipped(plain, bit), false) ? 1 : 0;
      accepted += read(IdxBytes.gzip(flipped(plain, bit)), false) ? 1 : 0;
    }
    assertEquals(0, accepted, "a changed header was taken");
  }

  @Test
  void anyLength() throws IOException {
    for (int length = 0; length < plain.length; length += length < 64 ? 1 : 61) {
      assertTrue(!read(Arrays.copyOf(plain, length), true));
      assertTrue(!read(Arrays.copyOf(plain, 2 * plain.length - length), true));
    }
    for (int length = 0; length < zipped.length; length++) {
      assertTrue(!read(Arrays.copyOf(zipped, length), true), "cut to " + length);
    }
  }

  @Test
  void bitsOfTheGzipStream() throws IOException {
    // All of the gzip header, then samples.
    for (int bit = 0; bit < zipped.length * 8; bit += bit < 24 * 8 ? 1 : 13) {
      read(flipped(zipped, bit), true);
    }
  }

  @Test
  void manyBytesAtOnce() throws IOException {
    Philox random = new Philox(20_031, 0);
    for (int trial = 0; trial < 1500; trial++) {
      byte[] bytes = (trial % 2 == 0 ? zipped : plain).clone();
      int damages = 1 + random.below(8, trial, 0);
      for (int i = 0; i < damages; i++) {
        // Half of them in the first bytes, where lengths and magics are.
        int range = i % 2 == 0 ? 24 : bytes.length;
        bytes[random.below(range, trial, 10 + i)] = (byte) random.bits(trial, 100 + i);
      }
      read(bytes, false);
    }
  }

  /**
   * Returns whether the file was taken; with {@code exact} it then has to hold what was written.
   */
  private boolean read(byte[] bytes, boolean exact) throws IOException {
    Path file = folder.resolve("images");
    Files.write(file, bytes);
    try {
      IdxFile idx = IdxFile.read(file, 28, 28);
      assertEquals(idx.count() * 784, idx.values().length);
      if (exact) {
        assertArrayEquals(Arrays.copyOfRange(plain, 16, plain.length), idx.values());
      }
      return true;
    } catch (DataException e) {
      assertTrue(e.getMessage().startsWith("cannot read " + file), e.getMessage());
      return false;
    }
  }

  private static byte[] flipped(byte[] bytes, int bit) {
    byte[] changed = bytes.clone();
    changed[bit >> 3] ^= (byte) (1 << (bit & 7));
    return changed;
  }
}
