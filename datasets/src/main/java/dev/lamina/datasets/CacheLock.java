package dev.lamina.datasets;

import dev.lamina.data.DataException;
import dev.lamina.io.IoReason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The right to write into a cache folder, against other threads and other processes. The operating
 * system gives it back when a process dies; the empty lock file stays.
 */
final class CacheLock {
  /** A file lock belongs to the whole process and does not hold its threads apart. */
  private static final ReentrantLock THREADS = new ReentrantLock();

  private CacheLock() {}

  /**
   * Makes the folder, waits for the right to write into it and runs the action with it.
   *
   * @throws DataException if the folder cannot be written
   */
  static void run(Path folder, DownloadListener listener, Runnable action) {
    THREADS.lock();
    try (FileChannel channel = open(folder)) {
      lock(channel, folder, listener);
      action.run();
    } catch (IOException e) {
      throw unwritable(folder, e);
    } finally {
      THREADS.unlock();
    }
  }

  private static FileChannel open(Path folder) throws IOException {
    Files.createDirectories(folder);
    return FileChannel.open(
        folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  /** Closing the channel gives the lock back. */
  private static void lock(FileChannel channel, Path folder, DownloadListener listener)
      throws IOException {
    if (channel.tryLock() == null) {
      listener.notice("waiting for another process that fills " + folder);
      channel.lock();
    }
  }

  /** Says that a cache folder cannot be written and what to do about it. */
  static DataException unwritable(Path path, IOException cause) {
    return new DataException(
        "cannot write %s: %s; make room there, or set LAMINA_HOME to a folder you may write"
            .formatted(path, IoReason.of(cause)),
        cause);
  }
}
