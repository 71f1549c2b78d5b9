package dev.lamina.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** A data set in MNIST's files, small and easy: the class is where the bright rows lie. */
public final class TinyMnist {
  static final int TRAIN = 90;
  static final int TEST = 30;

  private TinyMnist() {}

  /** Writes the four files. */
  public static Path write(Path folder) throws IOException {
    Files.createDirectories(folder);
    write(folder, "train", TRAIN, 1);
    write(folder, "t10k", TEST, 2);
    return folder;
  }

  private static void write(Path folder, String part, int count, long seed) throws IOException {
    Random random = new Random(seed);
    ByteBuffer images = ByteBuffer.allocate(16 + count * 28 * 28);
    images.putInt(0x803).putInt(count).putInt(28).putInt(28);
    ByteBuffer labels = ByteBuffer.allocate(8 + count);
    labels.putInt(0x801).putInt(count);
    for (int i = 0; i < count; i++) {
      int label = i % 10;
      labels.put((byte) label);
      for (int pixel = 0; pixel < 28 * 28; pixel++) {
        boolean bright = pixel / 28 / 2 == label;
        images.put((byte) ((bright ? 150 : 0) + random.nextInt(100)));
      }
    }
    gzip(folder.resolve(part + "-images-idx3-ubyte.gz"), images.array());
    gzip(folder.resolve(part + "-labels-idx1-ubyte.gz"), labels.array());
  }

  private static void gzip(Path file, byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    }
    Files.write(file, out.toByteArray());
  }
}
