package dev.lamina.cuda.library;

import dev.lamina.device.Diagnosis;
import dev.lamina.io.CacheFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The libraries that the device would use on this machine, and what is missing. Looks at names of
 * files only, so it is quick and loads nothing.
 */
public final class LibrarySet {
  /** The driver's library: where it is absent, there is no use for the others. */
  static final String DRIVER = "libcuda.so.1";

  private static final String DRIVER_ADVICE =
      "to use an NVIDIA GPU, install NVIDIA's driver, release 525 or newer (Debian: nvidia-driver;"
          + " Ubuntu: ubuntu-drivers install), and let containers see it (--gpus all)";

  private static final String OTHERWISE =
      "; or set " + LibrarySearch.VARIABLE + " to the folder that holds it";

  private final LibrarySearch search;
  private final Bridge bridge;
  private final Optional<Path> driver;
  private final Optional<Path> cudnn;

  /** The CUDA release whose cuBLAS and NVRTC are used: 12, 13, or 0 where neither is complete. */
  private final int release;

  private LibrarySet(LibrarySearch search, Bridge bridge) {
    this.search = search;
    this.bridge = bridge;
    driver = search.find(DRIVER);
    cudnn = search.find("libcudnn.so.9");
    release = complete(12) ? 12 : complete(13) ? 13 : 0;
  }

  /** Looks for the libraries on this machine. */
  public static LibrarySet find() {
    return of(LibrarySearch.standard(), CacheFolder.standard());
  }

  static LibrarySet of(LibrarySearch search, Path cache) {
    return new LibrarySet(search, new Bridge(cache));
  }

  /** Says whether this is a system that JCuda's natives are made for: Linux on x86-64. */
  public static boolean supportedSystem() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String architecture = System.getProperty("os.arch");
    return os.startsWith("linux")
        && (architecture.equals("amd64") || architecture.equals("x86_64"));
  }

  /** Says whether there is a driver. */
  public boolean hasDriver() {
    return supportedSystem() && driver.isPresent();
  }

  private boolean complete(int major) {
    return search.find("libcublas.so." + major).isPresent()
        && search.find("libcublasLt.so." + major).isPresent()
        && search.find("libnvrtc.so." + major).isPresent();
  }

  /**
   * Says what was found and what is missing, in the order in which the pieces build on each other.
   */
  public List<Diagnosis> findings() {
    List<Diagnosis> findings = new ArrayList<>();
    if (!supportedSystem()) {
      String system = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
      findings.add(
          new Diagnosis("CUDA", true, "none: it needs Linux on x86-64, and this is " + system, ""));
      return findings;
    }
    if (driver.isEmpty()) {
      findings.add(
          new Diagnosis(
              "NVIDIA driver", true, "none: " + DRIVER + " was not found", DRIVER_ADVICE));
      return findings;
    }
    findings.add(new Diagnosis("NVIDIA driver", true, driver.get().toString(), ""));
    findings.add(cudnnFinding());
    findings.add(toolkitFinding());
    if (release == 13) {
      findings.add(bridgeFinding());
    }
    return findings;
  }

  private Diagnosis cudnnFinding() {
    if (cudnn.isPresent()) {
      return new Diagnosis("cuDNN", true, cudnn.get().toString(), "");
    }
    return new Diagnosis(
        "cuDNN",
        false,
        "libcudnn.so.9 was not found" + others("libcudnn.so.*"),
        "install cuDNN 9: python3 -m pip install nvidia-cudnn-cu"
            + (release == 13 ? 13 : 12)
            + ", or NVIDIA's package cudnn9-cuda-"
            + (release == 13 ? 13 : 12)
            + OTHERWISE);
  }

  private Diagnosis toolkitFinding() {
    if (release != 0) {
      return new Diagnosis(
          "cuBLAS and NVRTC", true, "CUDA " + release + ", " + library("cublas").getParent(), "");
    }
    List<String> missing = new ArrayList<>();
    for (String name : List.of("cublas", "cublasLt", "nvrtc")) {
      if (search.find("lib" + name + ".so.12").isEmpty()) {
        missing.add("lib" + name + ".so.12");
      }
    }
    return new Diagnosis(
        "cuBLAS and NVRTC",
        false,
        "not found: "
            + String.join(", ", missing)
            + ", nor all three of CUDA 13"
            + others("libcublas.so.*", "libnvrtc.so.*"),
        "install CUDA 12's: python3 -m pip install nvidia-cublas-cu12 nvidia-cuda-nvrtc-cu12, or"
            + " NVIDIA's packages libcublas-12-6 and cuda-nvrtc-12-6"
            + OTHERWISE);
  }

  private Diagnosis bridgeFinding() {
    if (bridge.built()) {
      return new Diagnosis("CUDA 13 bridge", true, bridge.cublas().getParent().toString(), "");
    }
    return new Diagnosis(
        "CUDA 13 bridge",
        false,
        "this machine has CUDA 13 and not 12, and the bridge to it is not built",
        "build it once, with a C compiler: " + bridge.command());
  }

  /** Returns a clause on other releases that are there. */
  private String others(String... patterns) {
    List<Path> found = new ArrayList<>();
    for (String pattern : patterns) {
      found.addAll(search.matching(pattern));
    }
    return found.isEmpty()
        ? ""
        : " ("
            + found.stream().map(Path::toString).collect(Collectors.joining(", "))
            + (found.size() == 1 ? " is another release)" : " are other releases)");
  }

  private Path library(String name) {
    return search.find("lib" + name + ".so." + release).orElseThrow();
  }

  /**
   * Returns the files to load, in order; nothing may be missing. cuDNN and NVRTC open further parts
   * of theirs by name, and find them only if they are loaded already or lie in the loader's
   * folders.
   */
  List<Path> files() {
    List<Path> files = new ArrayList<>();
    files.add(driver.orElseThrow());
    for (int major : new int[] {12, 13}) {
      files.addAll(search.matching("libnvrtc-builtins.so." + major + "*"));
      for (String name : List.of("nvrtc", "cublasLt", "cublas")) {
        search.find("lib" + name + ".so." + major).ifPresent(files::add);
      }
    }
    if (release == 13) {
      // A lone library of CUDA 12 would take the bridge's name.
      files.removeIf(file -> file.getFileName().toString().endsWith("cublas.so.12"));
      files.removeIf(file -> file.getFileName().toString().endsWith("nvrtc.so.12"));
      files.add(bridge.nvrtc());
      files.add(bridge.cublas());
    }
    files.add(cudnn.orElseThrow());
    return files;
  }

  /** Returns the parts of cuDNN that lie beside it. */
  List<Path> cudnnParts() {
    List<Path> parts = new ArrayList<>();
    if (cudnn.isEmpty()) {
      return parts;
    }
    Path folder = cudnn.get().getParent();
    for (String part :
        List.of(
            "graph",
            "ops",
            "cnn",
            "adv",
            "heuristic",
            "engines_precompiled",
            "engines_runtime_compiled")) {
      Path file = folder.resolve("libcudnn_" + part + ".so.9");
      if (file.toFile().isFile()) {
        parts.add(file);
      }
    }
    return parts;
  }
}
