package dev.lamina.opencl;

import dev.lamina.io.AtomicFile;
import dev.lamina.io.IoReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * A driver's binary in a file, and a checksum behind it. Drivers believe what they are given: PoCL
 * ends the process where a part of its binary is missing, so no damaged one may reach it.
 */
final class KeptBinary {
  /** Goes into the names of files: others are of another form. */
  static final String FORM = "crc32c";

  private KeptBinary() {}

  /**
   * Reads a binary.
   *
   * @throws IOException if the file cannot be read or is damaged; the message names it
   */
  static byte[] read(Path file) throws IOException {
    byte[] all;
    try {
      all = Files.readAllBytes(file);
    } catch (IOException failure) {
      throw new IOException("cannot read " + file + ": " + IoReason.of(failure), failure);
    }
    int length = all.length - Integer.BYTES;
    if (length < 1 || ByteBuffer.wrap(all).getInt(length) != checksum(all, length)) {
      throw new IOException(file + " is damaged: its checksum does not hold");
    }
    return Arrays.copyOf(all, length);
  }

  /** Replaces the file; its folder is made. */
  static void write(Path file, byte[] binary) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(binary.length + Integer.BYTES);
    all.put(binary).putInt(checksum(binary, binary.length));
    Files.createDirectories(file.getParent());
    AtomicFile.write(file, all.array());
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, length);
    return (int) checksum.getValue();
  }
}
