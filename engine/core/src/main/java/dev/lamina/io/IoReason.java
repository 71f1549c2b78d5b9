package dev.lamina.io;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.zip.ZipException;

/**
 * Says in words why reading, writing, unzipping, locking or downloading failed: many exceptions
 * carry nothing but a path.
 */
public final class IoReason {
  private IoReason() {}

  /** Returns the reason without the file's name, for example {@code permission denied}. */
  public static String of(IOException failure) {
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (failure instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return "it exists already";
    }
    if (failure instanceof NotDirectoryException) {
      return "not a folder";
    }
    if (failure instanceof DirectoryNotEmptyException) {
      return "the folder is not empty";
    }
    if (failure instanceof ClosedByInterruptException
        || failure instanceof FileLockInterruptionException) {
      return "interrupted";
    }
    if (failure instanceof EOFException) {
      return "it is truncated";
    }
    if (failure instanceof ZipException) {
      return "its gzip stream is damaged (" + failure.getMessage() + ")";
    }
    if (failure instanceof UnknownHostException) {
      return "unknown host (is there a network?)";
    }
    if (failure instanceof SocketTimeoutException) {
      return "no answer in time";
    }
    if (failure instanceof FileSystemException file && file.getReason() != null) {
      return file.getReason();
    }
    return failure.getMessage() != null ? failure.getMessage() : failure.getClass().getSimpleName();
  }
}
