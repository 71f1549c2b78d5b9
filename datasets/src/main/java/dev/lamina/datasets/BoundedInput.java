package dev.lamina.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * The bytes of an archive, of which only so many are given out: few of them as headers, which an
 * archive's reader keeps in memory, and not too many altogether, since a small zipped file can
 * unpack to any length.
 */
final class BoundedInput extends InputStream {
  /** A thousand times what the archives of our data sets need. */
  static final int MOST_HEADER_BYTES = 256 << 10;

  private final InputStream in;
  private final long mostBytes;
  private long count;
  private long headerBytes;
  private boolean inHeaders;
  private boolean ended;
  private IOException failure;

  BoundedInput(InputStream in, long mostBytes) {
    this.in = in;
    this.mostBytes = mostBytes;
  }

  /** What is read from here on are headers. */
  void beginHeaders() {
    inHeaders = true;
  }

  /** What is read from here on is content. */
  void endHeaders() {
    inHeaders = false;
  }

  /** Returns the bytes read so far. */
  long count() {
    return count;
  }

  /** Says whether somebody tried to read past the end. */
  boolean ended() {
    return ended;
  }

  /** Returns why a read failed, if one did. */
  Optional<IOException> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    try {
      int read = in.read(buffer, offset, length);
      if (read < 0) {
        ended = true;
      } else {
        count(read);
      }
      return read;
    } catch (IOException broken) {
      failure = broken;
      throw broken;
    }
  }

  private void count(int bytes) throws IOException {
    count += bytes;
    if (count > mostBytes) {
      throw new IOException("it unpacks to more than " + (mostBytes >> 20) + " MB");
    }
    if (inHeaders) {
      headerBytes += bytes;
      if (headerBytes > MOST_HEADER_BYTES) {
        throw new IOException("its headers take more than " + (MOST_HEADER_BYTES >> 10) + " KB");
      }
    }
  }
}
