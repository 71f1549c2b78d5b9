package dev.lamina.datasets;

import dev.lamina.data.DataException;
import dev.lamina.io.IoReason;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Brings published files into the cache. What has arrived is kept as {@code NAME.part} and
 * continued by the next try, at whichever mirror; it gets its name only when its hash is right.
 */
final class Downloader {
  private static final int TRIES_PER_MIRROR = 5;
  private static final int CONNECT_MILLIS = 15_000;

  /** How long a mirror may send nothing. */
  private static final int READ_MILLIS = 30_000;

  private static final long PROGRESS_NANOS = 200_000_000;

  private final DownloadListener listener;

  Downloader(DownloadListener listener) {
    this.listener = listener;
  }

  /**
   * Returns the file in the folder, its hash verified; downloads it if it is not there or not
   * right.
   *
   * @throws DataException if no mirror gives it or the folder cannot be written
   */
  Path fetch(PublishedFile file, Path folder) {
    Path target = folder.resolve(file.name());
    if (isVerified(target, file)) {
      return target;
    }
    CacheLock.run(
        folder,
        listener,
        () -> {
          // Another process may have brought it while this one waited.
          if (!isVerified(target, file)) {
            download(file, folder.resolve(file.name() + ".part"), target);
          }
        });
    return target;
  }

  private void download(PublishedFile file, Path part, Path target) {
    List<String> failures = new ArrayList<>();
    for (URI mirror : file.mirrors()) {
      for (int attempt = 1; attempt <= TRIES_PER_MIRROR; attempt++) {
        long before = keep(part, file);
        String failure;
        try {
          receive(file, mirror, part, before);
          if (isVerified(part, file)) {
            move(part, target);
            return;
          }
          failure = "what it sent has another sha256 than published";
          delete(part);
        } catch (IOException e) {
          failure = IoReason.of(e);
        }
        // Worth another try: the connection broke after some progress, or what was continued was
        // not this file.
        boolean again = before > 0 && !Files.exists(part) || keep(part, file) > before;
        if (!again || attempt == TRIES_PER_MIRROR) {
          failures.add(mirror + ": " + failure);
          listener.notice(mirror + " failed: " + failure);
          break;
        }
        listener.notice(mirror + ": " + failure + "; trying again");
      }
    }
    throw new DataException(
        ("cannot download %s of %s (%s); get the file elsewhere and put it into %s, or into a"
                + " folder named as data directory")
            .formatted(
                file.name(), file.dataset(), String.join("; ", failures), target.getParent()));
  }

  /** Returns the length of what an earlier try left, and drops what cannot be a beginning. */
  private static long keep(Path part, PublishedFile file) {
    try {
      long bytes = Files.exists(part) ? Files.size(part) : 0;
      if (bytes > file.bytes()) {
        delete(part);
        return 0;
      }
      return bytes;
    } catch (IOException e) {
      throw CacheLock.unwritable(part, e);
    }
  }

  private void receive(PublishedFile file, URI mirror, Path part, long have) throws IOException {
    if (have == file.bytes()) {
      return;
    }
    HttpURLConnection connection = (HttpURLConnection) mirror.toURL().openConnection();
    try {
      connection.setConnectTimeout(CONNECT_MILLIS);
      connection.setReadTimeout(READ_MILLIS);
      connection.setRequestProperty("User-Agent", "lamina");
      connection.setRequestProperty("Accept-Encoding", "identity");
      if (have > 0) {
        connection.setRequestProperty("Range", "bytes=" + have + "-");
      }
      int status = connection.getResponseCode();
      boolean continued = status == HttpURLConnection.HTTP_PARTIAL;
      if (status != HttpURLConnection.HTTP_OK && !continued) {
        throw new IOException("HTTP status " + status);
      }
      String range = connection.getHeaderField("Content-Range");
      if (continued && (range == null || !range.startsWith("bytes " + have + "-"))) {
        throw new IOException("sent the range " + range + ", asked from byte " + have);
      }
      long start = continued ? have : 0;
      long length = connection.getContentLengthLong();
      if (length >= 0 && start + length != file.bytes()) {
        throw new IOException(
            "has %d bytes where %d are published".formatted(start + length, file.bytes()));
      }
      append(connection.getInputStream(), file, part, start);
    } finally {
      connection.disconnect();
    }
  }

  private void append(InputStream in, PublishedFile file, Path part, long start)
      throws IOException {
    byte[] buffer = new byte[1 << 16];
    long bytes = start;
    long reported = System.nanoTime();
    listener.progress(file.name(), bytes, file.bytes());
    try (RandomAccessFile out = open(part, start)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        bytes += read;
        if (bytes > file.bytes()) {
          throw new IOException("sends more than the %d bytes published".formatted(file.bytes()));
        }
        write(out, part, buffer, read);
        if (System.nanoTime() - reported > PROGRESS_NANOS && bytes < file.bytes()) {
          reported = System.nanoTime();
          listener.progress(file.name(), bytes, file.bytes());
        }
        if (Thread.currentThread().isInterrupted()) {
          throw new DataException(
              ("the download of %s was interrupted at %d of %d bytes; they are kept and the next"
                      + " try goes on from there")
                  .formatted(file.name(), bytes, file.bytes()));
        }
      }
      if (bytes < file.bytes()) {
        throw new IOException(
            "the connection ended at %d of %d bytes".formatted(bytes, file.bytes()));
      }
      sync(out, part);
    }
    listener.progress(file.name(), bytes, file.bytes());
  }

  // Not a FileChannel: an interrupt would close that in the middle of a write.
  private static RandomAccessFile open(Path part, long start) {
    try {
      RandomAccessFile out = new RandomAccessFile(part.toFile(), "rw");
      out.setLength(start);
      out.seek(start);
      return out;
    } catch (IOException e) {
      throw CacheLock.unwritable(part, e);
    }
  }

  // A full disk is no fault of the mirror and must not send us to the next one.
  private static void write(RandomAccessFile out, Path part, byte[] buffer, int bytes) {
    try {
      out.write(buffer, 0, bytes);
    } catch (IOException e) {
      throw CacheLock.unwritable(part, e);
    }
  }

  private static void sync(RandomAccessFile out, Path part) {
    try {
      out.getFD().sync();
    } catch (IOException e) {
      throw CacheLock.unwritable(part, e);
    }
  }

  private static void move(Path part, Path target) {
    try {
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw CacheLock.unwritable(target, e);
    }
  }

  private static void delete(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      throw CacheLock.unwritable(part, e);
    }
  }

  private static boolean isVerified(Path path, PublishedFile file) {
    return path.toFile().length() == file.bytes() && Sha256.of(path).equals(file.sha256());
  }
}
