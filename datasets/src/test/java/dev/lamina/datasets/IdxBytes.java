package dev.lamina.datasets;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Makes small idx files for the tests. */
final class IdxBytes {
  static final int IMAGES = 0x803;
  static final int LABELS = 0x801;

  private IdxBytes() {}

  /** Images whose pixel {@code p} of image {@code i} is {@code 3 i + p} modulo 256. */
  static byte[] images(int count) {
    ByteBuffer out = ByteBuffer.allocate(16 + count * 784);
    out.putInt(IMAGES).putInt(count).putInt(28).putInt(28);
    for (int i = 0; i < count; i++) {
      for (int p = 0; p < 784; p++) {
        out.put((byte) (3 * i + p));
      }
    }
    return out.array();
  }

  /** Labels {@code i} modulo 10. */
  static byte[] labels(int count) {
    ByteBuffer out = ByteBuffer.allocate(8 + count);
    out.putInt(LABELS).putInt(count);
    for (int i = 0; i < count; i++) {
      out.put((byte) (i % 10));
    }
    return out.array();
  }

  static byte[] gzip(byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** Writes the four files of a data set with 12 training and 7 test samples. */
  static void writeAll(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.write(folder.resolve("train-images-idx3-ubyte.gz"), gzip(images(12)));
    Files.write(folder.resolve("train-labels-idx1-ubyte.gz"), gzip(labels(12)));
    Files.write(folder.resolve("t10k-images-idx3-ubyte.gz"), gzip(images(7)));
    Files.write(folder.resolve("t10k-labels-idx1-ubyte.gz"), gzip(labels(7)));
  }
}
