package dev.lamina.datasets;

import dev.lamina.io.IoReason;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.FileLockInterruptionException;
import java.util.zip.ZipException;

/** Says in words why reading, unzipping, downloading or locking failed. */
final class Reason {
  private Reason() {}

  static String of(IOException failure) {
    if (failure instanceof UnknownHostException) {
      return "unknown host (is there a network?)";
    }
    if (failure instanceof SocketTimeoutException) {
      return "no answer in time";
    }
    if (failure instanceof EOFException) {
      return "it is truncated";
    }
    if (failure instanceof ZipException) {
      return "its gzip stream is damaged (" + failure.getMessage() + ")";
    }
    if (failure instanceof FileLockInterruptionException) {
      return "interrupted";
    }
    return IoReason.of(failure);
  }
}
