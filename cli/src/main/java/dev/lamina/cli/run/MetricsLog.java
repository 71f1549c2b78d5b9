package dev.lamina.cli.run;

import dev.lamina.cli.config.UsageException;
import dev.lamina.cli.json.Json;
import dev.lamina.io.FormatException;
import dev.lamina.io.IoReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * A run's {@code metrics.jsonl}: one object a line, each written whole. While it is open no other
 * process can train into the same run.
 */
public final class MetricsLog implements AutoCloseable {
  /** Far behind any content, since locked bytes cannot be read on Windows. */
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  private final Path file;
  private final FileChannel channel;

  private MetricsLog(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Opens the file to go on after an epoch; lines of later epochs, and a last line that was not
   * finished, are cut off.
   *
   * @param epoch 0 for a new run
   * @throws UsageException if another process trains into this run
   */
  public static MetricsLog open(Path file, int epoch) throws IOException {
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
      lock(file, channel);
      long end = endOf(channel, epoch);
      channel.truncate(end);
      channel.position(end);
      return new MetricsLog(file, channel);
    } catch (IOException failure) {
      close(channel);
      throw new IOException("cannot open " + file + ": " + IoReason.of(failure), failure);
    } catch (RuntimeException | Error failure) {
      close(channel);
      throw failure;
    }
  }

  private static void lock(Path file, FileChannel channel) throws IOException {
    boolean locked;
    try {
      locked = channel.tryLock(LOCKED_BYTE, 1, false) != null;
    } catch (OverlappingFileLockException sameProcess) {
      locked = false;
    }
    if (!locked) {
      throw new UsageException(
          "another process trains into " + file.getParent() + "; wait for it or stop it");
    }
  }

  private static void close(FileChannel channel) throws IOException {
    if (channel != null) {
      channel.close();
    }
  }

  private static long endOf(FileChannel channel, int epoch) throws IOException {
    byte[] content = new byte[Math.toIntExact(channel.size())];
    ByteBuffer buffer = ByteBuffer.wrap(content);
    while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
      // reads on to the end
    }
    int start = 0;
    for (int i = 0; i < content.length; i++) {
      if (content[i] == '\n') {
        if (epochOf(new String(content, start, i - start, StandardCharsets.UTF_8)) > epoch) {
          return start;
        }
        start = i + 1;
      }
    }
    return start;
  }

  /** A line that cannot be read stays: it harms nobody and may tell a human something. */
  private static long epochOf(String line) {
    try {
      return Json.readObject(line).get("epoch") instanceof Long epoch ? epoch : 0;
    } catch (FormatException damaged) {
      return 0;
    }
  }

  /**
   * Writes a line; it is in the file when this returns.
   *
   * @throws IOException if it cannot be written; the message names the file and the reason
   */
  public void write(Map<String, Object> line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((Json.line(line) + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException failure) {
      throw new IOException("cannot write " + file + ": " + IoReason.of(failure), failure);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
