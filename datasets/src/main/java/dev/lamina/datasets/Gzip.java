package dev.lamina.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Opens files that may be zipped: their first bytes decide, not their names. */
final class Gzip {
  private static final int BUFFER_BYTES = 1 << 16;

  private Gzip() {}

  static boolean isGzip(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return in.read() == 0x1f && in.read() == 0x8b;
    }
  }

  /** Returns the content of the file, after gunzip where it is zipped. */
  static InputStream open(Path path) throws IOException {
    boolean zipped = isGzip(path);
    InputStream file = Files.newInputStream(path);
    if (!zipped) {
      return file;
    }
    try {
      return new GZIPInputStream(file, BUFFER_BYTES);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }
}
