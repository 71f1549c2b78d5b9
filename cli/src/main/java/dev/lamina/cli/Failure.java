package dev.lamina.cli;

import dev.lamina.cli.config.UsageException;
import dev.lamina.data.DataException;
import dev.lamina.datasets.UnknownDatasetException;
import dev.lamina.device.DeviceException;
import dev.lamina.io.FormatException;
import dev.lamina.io.IoReason;
import dev.lamina.models.ModelOptionException;
import dev.lamina.models.UnknownModelException;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.tensor.ShapeException;
import dev.lamina.train.DivergedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;

/**
 * What is said of something thrown, and the exit code it means.
 *
 * @param message one line
 */
record Failure(String message, int exitCode) {
  static Failure of(Throwable thrown) {
    if (thrown instanceof UsageException
        || thrown instanceof UnknownModelException
        || thrown instanceof ModelOptionException
        || thrown instanceof UnknownDatasetException
        || thrown instanceof ShapeException) {
      return failure(thrown, ExitCode.USAGE);
    }
    if (thrown instanceof DeviceException || thrown instanceof UnsupportedOpException) {
      return failure(thrown, ExitCode.DEVICE);
    }
    if (thrown instanceof LinkageError) {
      return new Failure(
          "a library cannot be loaded: " + thrown.getMessage() + "; see lamina doctor",
          ExitCode.DEVICE);
    }
    if (thrown instanceof DataException || thrown instanceof FormatException) {
      return failure(thrown, ExitCode.DATA);
    }
    if (thrown instanceof DivergedException) {
      return failure(thrown, ExitCode.FAILED);
    }
    if (thrown instanceof UncheckedIOException unchecked) {
      return of(unchecked.getCause());
    }
    if (thrown instanceof FileSystemException file) {
      return new Failure(
          oneLine("cannot use " + file.getFile() + ": " + IoReason.of(file)), ExitCode.FAILED);
    }
    if (thrown instanceof IOException io) {
      return new Failure(oneLine(IoReason.of(io)), ExitCode.FAILED);
    }
    if (thrown instanceof OutOfMemoryError) {
      return new Failure(
          "the Java heap of "
              + (Runtime.getRuntime().maxMemory() >> 20)
              + " MiB is too small ("
              + thrown.getMessage()
              + "); give it more with LAMINA_JAVA_OPTS=-Xmx4g",
          ExitCode.FAILED);
    }
    return new Failure(
        "this is a bug in Lamina: "
            + oneLine(thrown.toString())
            + "; run again with -v and report"
            + " what it prints",
        ExitCode.FAILED);
  }

  private static Failure failure(Throwable thrown, int exitCode) {
    return new Failure(oneLine(thrown.getMessage()), exitCode);
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
