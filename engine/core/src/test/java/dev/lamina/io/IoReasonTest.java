package dev.lamina.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;

class IoReasonTest {
  @Test
  void saysInWordsWhatExceptionsSayByTheirClass() {
    assertEquals("permission denied", IoReason.of(new AccessDeniedException("a/file")));
    assertEquals("no such file or folder", IoReason.of(new NoSuchFileException("a/file")));
    assertEquals("interrupted", IoReason.of(new ClosedByInterruptException()));
    assertEquals("interrupted", IoReason.of(new FileLockInterruptionException()));
    assertEquals("it is truncated", IoReason.of(new EOFException()));
    assertEquals(
        "its gzip stream is damaged (no header)", IoReason.of(new ZipException("no header")));
    assertEquals(
        "unknown host (is there a network?)", IoReason.of(new UnknownHostException("example.org")));
    assertEquals("no answer in time", IoReason.of(new SocketTimeoutException("Read timed out")));
  }

  @Test
  void elsePassesOnTheReasonGiven() {
    assertEquals(
        "file too large", IoReason.of(new FileSystemException("a/file", null, "file too large")));
    assertEquals("no space left", IoReason.of(new IOException("no space left")));
    assertEquals("IOException", IoReason.of(new IOException()));
  }
}
