package dev.lamina.cuda.library;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How a system calls NVIDIA's libraries, and where in a folder of NVIDIA's they lie. */
enum LibraryNames {
  /** Linux on x86-64. */
  LINUX(
      ":",
      "libcuda.so.1",
      "lib%s.so.%d",
      "libnvrtc.so.%d",
      "libnvrtc-builtins.so.%d*",
      "libcudnn%s.so.9",
      List.of("", "lib64", "lib", "targets/x86_64-linux/lib"),
      "lib"),
  /** Windows on x86-64. */
  WINDOWS(
      ";",
      "nvcuda.dll",
      "%s64_%d.dll",
      "nvrtc64_%d0_0.dll",
      "nvrtc-builtins64_%d*.dll",
      "cudnn%s64_9.dll",
      List.of("", "bin", "bin/x64"),
      "bin");

  private final String separator;
  private final String driver;
  private final String library;
  private final String compiler;
  private final String compilerParts;
  private final String dnn;
  private final List<String> folders;
  private final String packageFolder;

  LibraryNames(
      String separator,
      String driver,
      String library,
      String compiler,
      String compilerParts,
      String dnn,
      List<String> folders,
      String packageFolder) {
    this.separator = separator;
    this.driver = driver;
    this.library = library;
    this.compiler = compiler;
    this.compilerParts = compilerParts;
    this.dnn = dnn;
    this.folders = folders;
    this.packageFolder = packageFolder;
  }

  /** Returns the system this runs on; empty where JCuda has no natives for it. */
  static Optional<LibraryNames> here() {
    return of(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  static Optional<LibraryNames> of(String os, String architecture) {
    if (!architecture.equals("amd64") && !architecture.equals("x86_64")) {
      return Optional.empty();
    }
    String name = os.toLowerCase(Locale.ROOT);
    if (name.startsWith("linux")) {
      return Optional.of(LINUX);
    }
    return name.startsWith("windows") ? Optional.of(WINDOWS) : Optional.empty();
  }

  /** Returns what stands between the folders of a variable like PATH. */
  String separator() {
    return separator;
  }

  /** Returns the driver's library: where it is absent, there is no use for the others. */
  String driver() {
    return driver;
  }

  /** Returns the name of cublas, cublasLt or nvrtc of a CUDA release. */
  String library(String name, int release) {
    return name.equals("nvrtc") ? compiler.formatted(release) : library.formatted(name, release);
  }

  /** Returns a pattern for what NVRTC opens by itself. */
  String compilerParts(int release) {
    return compilerParts.formatted(release);
  }

  /** Returns the name of cuDNN, or of a part of it. */
  String dnn(String part) {
    return dnn.formatted(part.isEmpty() ? "" : "_" + part);
  }

  /** Returns a pattern for any release of a library. */
  String anyRelease(String name) {
    return this == LINUX ? "lib" + name + ".so.*" : name + "64_*.dll";
  }

  /** Returns the folders within a toolkit's that may hold libraries. */
  List<String> folders() {
    return folders;
  }

  /** Returns the folder within each of Python's packages {@code nvidia/*}. */
  String packageFolder() {
    return packageFolder;
  }
}
