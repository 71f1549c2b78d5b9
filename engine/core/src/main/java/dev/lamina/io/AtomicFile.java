package dev.lamina.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Replaces files whole: a reader, and whoever comes after a crash or a full disk, finds the old
 * content or the new, never a part.
 */
public final class AtomicFile {
  /** Writes the new content. */
  @FunctionalInterface
  public interface Content {
    /** Writes everything to the channel, which is at its start and may be positioned freely. */
    void writeTo(FileChannel channel) throws IOException;
  }

  private AtomicFile() {}

  /**
   * Writes a file beside the target, forces it to the disk and renames it to the target.
   *
   * <p>Whatever fails, an exception of the content included, the target stays as it was. An
   * interrupt of the thread closes the channel and so fails the writing.
   *
   * @throws IOException if it cannot be written; the message names the target and the reason
   */
  public static void write(Path target, Content content) throws IOException {
    Path beside = target.toAbsolutePath();
    String random = Long.toHexString(ThreadLocalRandom.current().nextLong());
    Path unfinished =
        beside.resolveSibling("." + beside.getFileName() + "." + random + ".unfinished");
    boolean done = false;
    try {
      try (FileChannel channel =
          FileChannel.open(unfinished, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      Files.move(
          unfinished, beside, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      done = true;
      forceFolder(beside.getParent());
    } catch (IOException failure) {
      throw new IOException(
          "cannot write " + target + ": " + IoReason.of(failure) + kept(target, done), failure);
    } finally {
      if (!done) {
        Files.deleteIfExists(unfinished);
      }
    }
  }

  /** Writes bytes as {@link #write(Path, Content)} does. */
  public static void write(Path target, byte[] bytes) throws IOException {
    write(target, channel -> writeFully(channel, ByteBuffer.wrap(bytes)));
  }

  static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Makes the rename itself survive a power cut; Windows has no such call and needs none. */
  private static void forceFolder(Path folder) throws IOException {
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private static String kept(Path target, boolean renamed) {
    return !renamed && Files.exists(target) ? " (the file there is unchanged)" : "";
  }
}
