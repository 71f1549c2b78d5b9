package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cli.config.UsageException;
import dev.lamina.data.DataException;
import dev.lamina.device.DeviceException;
import dev.lamina.io.FormatException;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.tensor.ShapeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class FailureTest {
  @Test
  void givesEachKindItsExitCode() {
    assertEquals(new Failure("bad", 2), Failure.of(new UsageException("bad")));
    assertEquals(new Failure("too small", 2), Failure.of(new ShapeException("too small")));
    assertEquals(new Failure("no driver", 3), Failure.of(new DeviceException("no driver")));
    assertEquals(new Failure("no lrn", 3), Failure.of(new UnsupportedOpException("no lrn")));
    assertEquals(3, Failure.of(new UnsatisfiedLinkError("libx.so")).exitCode());
    assertEquals(new Failure("cut", 4), Failure.of(new DataException("cut")));
    assertEquals(
        new Failure("cut", 4), Failure.of(new UncheckedIOException(new FormatException("cut"))));
    assertEquals(new Failure("disk full", 1), Failure.of(new IOException("disk full")));
    assertEquals(
        new Failure("cannot use x: no such file or folder", 1),
        Failure.of(new NoSuchFileException("x")));
    assertEquals(1, Failure.of(new OutOfMemoryError("Java heap space")).exitCode());
  }

  @Test
  void keepsMessagesOnOneLine() {
    assertEquals("a b c", Failure.of(new DataException("a\n  b\r\nc\n")).message());
    Failure bug = Failure.of(new IllegalStateException("x\ny"));
    assertEquals(1, bug.exitCode());
    assertTrue(bug.message().contains("IllegalStateException: x y"), bug.message());
    assertEquals(1, bug.message().lines().count());
  }
}
