package dev.lamina.cuda.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Small libraries under the names of NVIDIA's, built with the C compiler, that answer version and
 * handle calls; and a fresh process that finds them, since a process loads a library once.
 */
final class StandIns {
  private final Path folder;
  private final List<Path> built = new ArrayList<>();

  StandIns(Path folder) {
    this.folder = folder;
    assumeTrue(
        onPath("gcc") && LibraryNames.here().equals(Optional.of(LibraryNames.LINUX)),
        "needs gcc on Linux on x86-64 to build with");
  }

  Path libraries() {
    return folder.resolve("libraries");
  }

  Path home() {
    return folder.resolve("home");
  }

  /** Adds a driver without a device that runs programs up to that release. */
  StandIns driver(int version) {
    return library(
        "libcuda.so.1",
        null,
        "int cuDriverGetVersion(int* v) { *v = %d; return 0; }".formatted(version)
            + "int cuInit(unsigned f) { return 100; }");
  }

  StandIns cublas(int release) {
    library("libcublasLt.so." + release, null, "int nothing;");
    return library(
        "libcublas.so." + release,
        "libcublas.so." + release,
        "int cublasGetProperty(int p, int* v) { *v = p == 0 ? %d : p; return 0; }"
                .formatted(release)
            + "int cublasCreate_v2(void** h) { *h = (void*) 4711; return 0; }"
            + "int cublasGetVersion_v2(void* h, int* v) { *v = (long) h; return 0; }"
            + "int cublasDestroy_v2(void* h) { return h == (void*) 4711 ? 0 : 1; }");
  }

  StandIns nvrtc(int release) {
    return library(
        "libnvrtc.so." + release,
        "libnvrtc.so." + release,
        "int nvrtcVersion(int* a, int* b) { *a = %d; *b = 0; return 0; }".formatted(release));
  }

  StandIns cudnn(long version) {
    return library(
        "libcudnn.so.9",
        "libcudnn.so.9",
        "unsigned long cudnnGetVersion(void) { return %d; }".formatted(version)
            + "int cudnnCreate(void** h) { *h = (void*) 815; return 0; }"
            + "int cudnnDestroy(void* h) { return h == (void*) 815 ? 0 : 1; }");
  }

  /** Adds a file that merely has a name. */
  StandIns named(String name) throws IOException {
    Files.createDirectories(libraries());
    Files.writeString(libraries().resolve(name), "");
    return this;
  }

  /**
   * Adds a driver with a device, cuBLAS and cuDNN that compute what they are asked, on the host.
   */
  StandIns computing() {
    String source;
    try (InputStream stream =
        StandIns.class.getResourceAsStream("/dev/lamina/cuda/call/standin.c")) {
      source = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    }
    library("libcuda.so.1", null, "#define DRIVER\n" + source);
    library("libcublas.so.12", "libcublas.so.12", "#define CUBLAS\n" + source);
    return library("libcudnn.so.9", "libcudnn.so.9", "#define CUDNN\n" + source);
  }

  /** Returns the libraries that were built, in that order. */
  String[] built() {
    return built.stream().map(Path::toString).toArray(String[]::new);
  }

  private StandIns library(String name, String node, String source) {
    try {
      Files.createDirectories(libraries());
      built.add(libraries().resolve(name));
      Path file = libraries().resolve(name + ".c");
      Files.writeString(file, source);
      List<String> command = new ArrayList<>();
      command.addAll(List.of("gcc", "-shared", "-fPIC", "-Wl,-soname," + name));
      if (node != null) {
        Path map = libraries().resolve(name + ".map");
        Files.writeString(map, node + " { global: *; };");
        command.add("-Wl,--version-script=" + map);
      }
      command.addAll(List.of("-o", libraries().resolve(name).toString(), file.toString()));
      assertEquals("", run(command));
      return this;
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    }
  }

  /** Runs {@link DoctorProcess} in a process of its own and returns what it prints. */
  String doctor() {
    return process(DoctorProcess.class.getName(), libraries().toString(), home().toString());
  }

  /** Runs a class in a process of its own and returns what it prints. */
  String process(String main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    String access = "--enable-native-access=ALL-UNNAMED";
    command.addAll(List.of(access, "-XX:TieredStopAtLevel=1", "-Xmx64m", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add("-Djava.io.tmpdir=" + folder);
    command.add(main);
    command.addAll(List.of(arguments));
    return run(command);
  }

  static String run(List<String> command) {
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      Process process = builder.start();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new AssertionError(command + " failed:\n" + output);
      }
      return output;
    } catch (IOException | InterruptedException failure) {
      throw new IllegalStateException(failure);
    }
  }

  static boolean onPath(String program) {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, program))) {
        return true;
      }
    }
    return false;
  }
}
