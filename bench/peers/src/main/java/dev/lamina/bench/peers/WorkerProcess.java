package dev.lamina.bench.peers;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts workers: this Java, this class path, the same flags for every engine, and an environment
 * without the variables that would steer one of them.
 */
final class WorkerProcess {
  /**
   * A small heap that grows only when it must, the collector and the compiler with the least
   * memory: the engines keep their tensors outside the heap and compute in native code, and what
   * the JVM takes by default, some 20 MB for the second compiler alone, would blur whose memory it
   * is.
   */
  static final List<String> JVM_FLAGS =
      List.of(
          "-Xms8m",
          "-Xmx1g",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:-UsePerfData",
          "--enable-native-access=ALL-UNNAMED");

  /** First words of variables that change what a worker measures, or where DJL looks for things. */
  private static final List<String> STEERING =
      List.of(
          "OMP_",
          "POCL_",
          "GOMP_",
          "KMP_",
          "MKL_",
          "DNNL_",
          "ONEDNN_",
          "PYTORCH_",
          "TORCH_",
          "ATEN_",
          "DJL_",
          "ENGINE_CACHE_DIR",
          "OPT_OUT_TRACKING",
          "MALLOC_",
          "LD_PRELOAD",
          "JAVA_TOOL_OPTIONS",
          "JDK_JAVA_OPTIONS",
          "LAMINA_");

  private final Class<?> main;

  /** Makes a starter of {@code main}, which is {@link Worker} but in tests. */
  WorkerProcess(Class<?> main) {
    this.main = main;
  }

  /**
   * Runs one worker to its end.
   *
   * @throws WorkerException if it fails or prints anything but one report
   */
  WorkerReport run(WorkerRequest request) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_FLAGS);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().keySet().removeIf(WorkerProcess::steers);
    builder
        .environment()
        .put("POCL_MAX_PTHREAD_COUNT", Integer.toString(request.settings().threads()));
    String what = request.engine() + "/" + request.variant() + " " + request.mode();
    try {
      Process process = builder.start();
      Thread stop = new Thread(process::destroy);
      Runtime.getRuntime().addShutdownHook(stop);
      try {
        try (OutputStream input = process.getOutputStream()) {
          Wire.write(input, request);
        }
        byte[] output = process.getInputStream().readAllBytes();
        return parse(what, process.waitFor(), output);
      } finally {
        Runtime.getRuntime().removeShutdownHook(stop);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run the worker of " + what, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorkerException("interrupted while the worker of " + what + " ran");
    }
  }

  static boolean steers(String variable) {
    return STEERING.stream().anyMatch(variable::startsWith);
  }

  private static WorkerReport parse(String what, int exitCode, byte[] output) {
    if (exitCode != 0) {
      throw new WorkerException(
          "the worker of " + what + " ended with exit code " + exitCode + "; see its error above");
    }
    try {
      return Wire.read(new ByteArrayInputStream(output), WorkerReport.class);
    } catch (IOException e) {
      String printed = new String(output, StandardCharsets.UTF_8).strip();
      throw new WorkerException(
          "the worker of " + what + " wrote no report but: '" + printed + "'");
    }
  }
}
