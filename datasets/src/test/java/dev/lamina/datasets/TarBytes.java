package dev.lamina.datasets;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Makes small tar archives for the tests, honest ones and others. */
final class TarBytes {
  static final String FOLDER = "cifar-10-batches-bin/";
  static final int RECORD = 3073;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** An archive like the published one, with two records in each batch. */
  static TarBytes cifar() {
    TarBytes tar = new TarBytes().entry(FOLDER, '5', new byte[0]);
    tar.file(FOLDER + "batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n".getBytes());
    for (int batch = 1; batch <= 5; batch++) {
      tar.file(FOLDER + "data_batch_" + batch + ".bin", records(2, batch));
    }
    return tar.file(FOLDER + "readme.html", new byte[700])
        .file(FOLDER + "test_batch.bin", records(2, 6));
  }

  /** Records with labels {@code i} and pixels {@code i + seed + position}. */
  static byte[] records(int count, int seed) {
    byte[] bytes = new byte[count * RECORD];
    for (int i = 0; i < count; i++) {
      bytes[i * RECORD] = (byte) (i % 10);
      for (int p = 1; p < RECORD; p++) {
        bytes[i * RECORD + p] = (byte) (i + seed + p);
      }
    }
    return bytes;
  }

  TarBytes file(String name, byte[] content) {
    return entry(name, '0', content);
  }

  TarBytes entry(String name, char type, byte[] content) {
    byte[] header = new byte[512];
    put(header, 0, name);
    put(header, 100, "0000644");
    put(header, 124, String.format("%011o", content.length));
    header[156] = (byte) type;
    put(header, 257, "ustar");
    sign(header, 0);
    out.writeBytes(header);
    out.writeBytes(content);
    out.writeBytes(new byte[(512 - content.length % 512) % 512]);
    return this;
  }

  /** Writes the check sum of the header that begins there. */
  static void sign(byte[] archive, int header) {
    Arrays.fill(archive, header + 148, header + 156, (byte) ' ');
    int sum = 0;
    for (int i = header; i < header + 512; i++) {
      sum += archive[i] & 0xFF;
    }
    put(archive, header + 148, String.format("%06o\0", sum));
  }

  byte[] unended() {
    return out.toByteArray();
  }

  byte[] bytes() {
    byte[] entries = out.toByteArray();
    return Arrays.copyOf(entries, entries.length + 1024);
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }
}
