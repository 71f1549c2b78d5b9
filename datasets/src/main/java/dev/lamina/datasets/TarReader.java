package dev.lamina.datasets;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads the entries of a tar archive one after the other, as far as an archive of plain files needs
 * it: ustar, GNU and pax headers, whose extensions are passed over.
 *
 * <p>Names are only reported, sizes only believed as far as bytes follow, and everything that is
 * neither file nor folder, or points out of the archive, is refused. Nothing is buffered but one
 * block, so no archive can ask for memory.
 */
final class TarReader {
  private static final int BLOCK = 512;

  private final InputStream in;
  private final long mostBytes;
  private final byte[] block = new byte[BLOCK];
  private long bytesRead;
  private long unread;
  private long padding;

  /**
   * Makes the reader of an unzipped stream.
   *
   * @param mostBytes how long the archive may be, unzipped
   */
  TarReader(InputStream in, long mostBytes) {
    this.in = in;
    this.mostBytes = mostBytes;
  }

  /** A plain file in the archive. */
  record Entry(String name, long bytes) {}

  /**
   * Goes to the next plain file; what is unread of the one before is passed over.
   *
   * @return nothing at the end of the archive
   * @throws IOException if the archive cannot be read, is damaged, or has an entry that no archive
   *     of data files needs; the message says which
   */
  Optional<Entry> next() throws IOException {
    while (true) {
      skip(unread + padding);
      readBlock();
      if (isEnd()) {
        return Optional.empty();
      }
      checkSum();
      String name = name();
      unread = number(124, 12);
      padding = (BLOCK - unread % BLOCK) % BLOCK;
      switch (block[156]) {
        case 0, '0', '7' -> {
          checkName(name);
          return Optional.of(new Entry(name, unread));
        }
        case '5' -> checkName(name);
        case 'x', 'g', 'L', 'K' -> {
          // Attributes or a longer name of the next entry: none of the names we look for is long.
        }
        case '1', '2' -> throw new IOException("its entry \"" + name + "\" is a link");
        default -> throw new IOException("its entry \"" + name + "\" is no plain file");
      }
    }
  }

  /** Reads on in the entry; returns -1 at its end. */
  int read(byte[] buffer) throws IOException {
    if (unread == 0) {
      return -1;
    }
    int read = in.read(buffer, 0, (int) Math.min(buffer.length, unread));
    if (read < 0) {
      throw new EOFException();
    }
    unread -= read;
    count(read);
    return read;
  }

  private void skip(long bytes) throws IOException {
    for (long left = bytes; left > 0; ) {
      int read = in.read(block, 0, (int) Math.min(BLOCK, left));
      if (read < 0) {
        throw new EOFException();
      }
      left -= read;
      count(read);
    }
  }

  private void readBlock() throws IOException {
    if (in.readNBytes(block, 0, BLOCK) < BLOCK) {
      throw new EOFException();
    }
    count(BLOCK);
  }

  private void count(int bytes) throws IOException {
    bytesRead += bytes;
    if (bytesRead > mostBytes) {
      throw new IOException("it unpacks to more than " + (mostBytes >> 20) + " MB");
    }
  }

  private boolean isEnd() {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private void checkSum() throws IOException {
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      // The field of the sum itself counts as blanks.
      sum += i >= 148 && i < 156 ? ' ' : block[i] & 0xFF;
    }
    if (number(148, 8) != sum) {
      throw new IOException("it is no tar archive, or a header in it is damaged");
    }
  }

  private String name() {
    String name = text(0, 100);
    boolean ustar = text(257, 6).equals("ustar");
    String prefix = ustar ? text(345, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private String text(int from, int length) {
    int end = from;
    while (end < from + length && block[end] != 0) {
      end++;
    }
    return new String(block, from, end - from, StandardCharsets.UTF_8);
  }

  /** Octal digits; larger numbers in binary do not occur in archives that we accept. */
  private long number(int from, int length) throws IOException {
    String digits = text(from, length).trim();
    if (!digits.matches("[0-7]{1,12}")) {
      throw new IOException("it is no tar archive, or a header in it is damaged");
    }
    return Long.parseLong(digits, 8);
  }

  private static void checkName(String name) throws IOException {
    String path = name.replace('\\', '/');
    boolean leads = path.startsWith("/") || path.matches("[A-Za-z]:.*");
    for (String part : path.split("/")) {
      leads |= part.equals("..");
    }
    if (leads || name.isEmpty()) {
      throw new IOException("its entry \"" + name + "\" leads out of the archive");
    }
  }
}
