package dev.lamina.datasets;

import dev.lamina.data.DataException;
import dev.lamina.io.IoReason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Unsigned bytes in the idx format: a header of big-endian integers (magic, count, extents of one
 * item), then the items. Read plain or through gunzip, whichever the first bytes ask for.
 */
final class IdxFile {
  /** Magic of unsigned bytes; the lowest byte holds the number of extents, the count included. */
  private static final int UNSIGNED_BYTES = 0x0800;

  /** No deflate stream grows more than this when inflated (zlib's technical details). */
  private static final long MOST_INFLATION = 1032;

  private final byte[] header;
  private final byte[] values;
  private final int count;

  private IdxFile(byte[] header, byte[] values, int count) {
    this.header = header;
    this.values = values;
    this.count = count;
  }

  /**
   * Reads a whole file whose items have the given extents (none: one byte each).
   *
   * @throws DataException if the file is no such file, or is not as long as its header says
   */
  static IdxFile read(Path path, int... extents) {
    try (InputStream in = Gzip.open(path)) {
      long most = Files.size(path) * (Gzip.isGzip(path) ? MOST_INFLATION : 1);
      return read(path, in, most, extents);
    } catch (IOException e) {
      throw broken(path, IoReason.of(e), e);
    }
  }

  private static IdxFile read(Path path, InputStream in, long mostBytes, int[] extents)
      throws IOException {
    byte[] header = in.readNBytes(4 * (2 + extents.length));
    if (header.length < 4 * (2 + extents.length)) {
      throw broken(
          path,
          "it ends after %d bytes, within its header of %d"
              .formatted(header.length, 4 * (2 + extents.length)),
          null);
    }
    ByteBuffer integers = ByteBuffer.wrap(header);
    int magic = UNSIGNED_BYTES | (1 + extents.length);
    int found = integers.getInt();
    if (found != magic) {
      throw broken(
          path, "it begins with 0x%08x where 0x%08x is expected".formatted(found, magic), null);
    }
    int count = integers.getInt();
    if (count < 1) {
      throw broken(path, "its header gives " + count + " items", null);
    }
    long itemBytes = 1;
    for (int extent : extents) {
      itemBytes *= extent;
    }
    for (int extent : extents) {
      int given = integers.getInt();
      if (given != extent) {
        throw broken(
            path,
            "its items have an extent of %d where %d is expected (%s)"
                .formatted(given, extent, Arrays.toString(extents)),
            null);
      }
    }
    byte[] values = allocate(path, count, itemBytes, mostBytes);
    int read = in.readNBytes(values, 0, values.length);
    if (read < values.length) {
      throw broken(
          path,
          "it is truncated: its header gives %d items of %d bytes, but only %d whole ones follow"
              .formatted(count, itemBytes, read / itemBytes),
          null);
    }
    // Also makes gunzip compare its checksum.
    if (in.read() >= 0) {
      throw broken(
          path,
          "more follows than the %d items of %d bytes its header gives".formatted(count, itemBytes),
          null);
    }
    return new IdxFile(header, values, count);
  }

  /** Believes a header only as far as a file of that length can bear it out. */
  private static byte[] allocate(Path path, int count, long itemBytes, long mostBytes) {
    long bytes = count * itemBytes;
    if (bytes > mostBytes) {
      throw broken(
          path,
          "its header gives %d items of %d bytes, more than a file of its length can hold"
              .formatted(count, itemBytes),
          null);
    }
    try {
      return new byte[Math.toIntExact(bytes)];
    } catch (ArithmeticException | OutOfMemoryError e) {
      throw new DataException(
          ("%s: %d items of %d bytes do not fit into memory (largest heap: %d MB); give the JVM"
                  + " more (-Xmx)")
              .formatted(path, count, itemBytes, Runtime.getRuntime().maxMemory() >> 20),
          e);
    }
  }

  private static DataException broken(Path path, String reason, Exception cause) {
    return new DataException(
        "cannot read " + path + ": " + reason + "; put the file there anew", cause);
  }

  /** Returns the number of items, at least one. */
  int count() {
    return count;
  }

  /** Returns the items one after the other; the array is the caller's. */
  byte[] values() {
    return values;
  }

  /** Returns the hash of the file as it is after gunzip. */
  String contentSha256() {
    MessageDigest digest = Sha256.digest();
    digest.update(header);
    digest.update(values);
    return Sha256.hex(digest);
  }
}
