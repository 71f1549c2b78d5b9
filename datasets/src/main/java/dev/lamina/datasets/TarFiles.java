package dev.lamina.datasets;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * The plain files of a tar archive that nobody vouches for, one after the other.
 *
 * <p>Names are only reported, sizes only believed as far as bytes follow, and everything that is
 * neither file nor folder, or points out of the archive, is refused.
 */
final class TarFiles {
  private static final int RECORD = TarConstants.DEFAULT_RCDSIZE;

  private final BoundedInput in;
  private final TarArchiveInputStream tar;
  private final byte[] passedOver = new byte[1 << 16];
  private boolean inEntry;

  /**
   * Makes the reader of an unzipped stream, which stays the caller's to close.
   *
   * @param mostBytes how long the archive may be, unzipped
   */
  TarFiles(InputStream unzipped, long mostBytes) {
    in = new BoundedInput(unzipped, mostBytes);
    // Blocks of one record: nothing behind the closing records is passed over unseen.
    tar = new TarArchiveInputStream(in, RECORD, RECORD, "UTF-8");
  }

  /**
   * Goes to the next plain file and returns its name; what is unread of the one before is passed
   * over. At the end of the archive the stream is read to its own end, where gunzip compares its
   * checksum.
   *
   * @return nothing at the end of the archive
   * @throws IOException if the archive cannot be read, is damaged, or has an entry that no archive
   *     of data files needs; the message says which
   */
  Optional<String> next() throws IOException {
    while (nextEntry()) {
      TarArchiveEntry entry = tar.getCurrentEntry();
      check(entry);
      if (!entry.isDirectory()) {
        return Optional.of(entry.getName());
      }
    }
    in.transferTo(OutputStream.nullOutputStream());
    return Optional.empty();
  }

  /** Reads on in the entry; returns -1 at its end. */
  int read(byte[] buffer) throws IOException {
    try {
      return tar.read(buffer);
    } catch (IOException | RuntimeException broken) {
      throw reason(broken);
    }
  }

  private boolean nextEntry() throws IOException {
    while (inEntry && read(passedOver) >= 0) {
      // The library would count these bytes as headers.
    }
    long header = (in.count() + RECORD - 1) / RECORD * RECORD;
    in.beginHeaders();
    try {
      inEntry = tar.getNextEntry() != null;
    } catch (IOException | RuntimeException broken) {
      throw reason(broken);
    }
    in.endHeaders();
    // The library takes an archive that just stops for one that ends in its closing records.
    if (!inEntry && in.count() < header + RECORD) {
      throw new EOFException();
    }
    return inEntry;
  }

  /** What the stream below says is the reason, else the library's word that the format is. */
  private IOException reason(Exception broken) {
    if (in.failure().isPresent()) {
      return in.failure().get();
    }
    return in.ended()
        ? new EOFException()
        : new IOException("it is no tar archive, or a header in it is damaged", broken);
  }

  private static void check(TarArchiveEntry entry) throws IOException {
    if (!entry.isCheckSumOK()) {
      throw new IOException("it is no tar archive, or a header in it is damaged");
    }
    String name = entry.getName();
    if (entry.isLink() || entry.isSymbolicLink()) {
      throw new IOException("its entry \"" + name + "\" is a link");
    }
    boolean plain =
        switch (entry.getLinkFlag()) {
          case TarConstants.LF_OLDNORM,
              TarConstants.LF_NORMAL,
              TarConstants.LF_CONTIG,
              TarConstants.LF_DIR ->
              !entry.isSparse();
          default -> false;
        };
    if (!plain) {
      throw new IOException("its entry \"" + name + "\" is no plain file");
    }
    String path = name.replace('\\', '/');
    boolean leads = path.isEmpty() || path.startsWith("/") || path.matches("[A-Za-z]:.*");
    for (String part : path.split("/")) {
      leads |= part.equals("..");
    }
    if (leads) {
      throw new IOException("its entry \"" + name + "\" leads out of the archive");
    }
  }
}
