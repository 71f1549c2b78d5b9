package dev.lamina.cuda.library;

import dev.lamina.device.Diagnosis;
import dev.lamina.io.CacheFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The libraries that the device would use on this machine, and what is missing. Looks at names of
 * files only, so it is quick and loads nothing.
 */
public final class LibrarySet {
  private static final List<String> LIBRARIES = List.of("cublas", "cublasLt", "nvrtc");

  private static final String OTHERWISE =
      "; or set " + LibrarySearch.VARIABLE + " to the folder that holds it";

  /** Null on a system that JCuda has no natives for. */
  private final LibrarySearch search;

  private final LibraryNames names;
  private final Bridge bridge;
  private final Optional<Path> driver;
  private final Optional<Path> cudnn;

  /** The CUDA release whose cuBLAS and NVRTC are used: 12, 13, or 0 where neither is complete. */
  private final int release;

  private LibrarySet(LibrarySearch search, Bridge bridge) {
    this.search = search;
    this.bridge = bridge;
    if (search == null) {
      names = null;
      driver = Optional.empty();
      cudnn = Optional.empty();
      release = 0;
    } else {
      names = search.names();
      driver = search.find(names.driver());
      cudnn = search.find(names.dnn(""));
      release = complete(12) ? 12 : complete(13) ? 13 : 0;
    }
  }

  /**
   * Looks for the libraries on this machine, and first in what Maven brought.
   *
   * @throws dev.lamina.device.DeviceException if what Maven brought cannot be unpacked
   */
  public static LibrarySet find() {
    Path cache = CacheFolder.standard();
    Optional<LibraryNames> names = LibraryNames.here();
    if (names.isEmpty()) {
      return of(null, cache);
    }
    LibrarySearch search = LibrarySearch.standard(names.get());
    // Unpacking takes a while, so it waits for a machine that can use it.
    if (names.get() == LibraryNames.LINUX && search.find(names.get().driver()).isPresent()) {
      Redistributed.folder(LibrarySet.class.getClassLoader(), cache).ifPresent(search::prefer);
    }
    return of(search, cache);
  }

  static LibrarySet of(LibrarySearch search, Path cache) {
    return new LibrarySet(search, new Bridge(cache));
  }

  /** Says whether there is a driver. */
  public boolean hasDriver() {
    return driver.isPresent();
  }

  private boolean complete(int major) {
    return LIBRARIES.stream().allMatch(name -> search.find(names.library(name, major)).isPresent());
  }

  /**
   * Says what was found and what is missing, in the order in which the pieces build on each other.
   */
  public List<Diagnosis> findings() {
    List<Diagnosis> findings = new ArrayList<>();
    if (search == null) {
      String system = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
      findings.add(
          new Diagnosis(
              "CUDA", true, "none: it needs Linux or Windows on x86-64, this is " + system, ""));
      return findings;
    }
    if (driver.isEmpty()) {
      findings.add(
          new Diagnosis(
              "NVIDIA driver", true, "none: " + names.driver() + " was not found", driverAdvice()));
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

  private String driverAdvice() {
    return names == LibraryNames.WINDOWS
        ? "to use an NVIDIA GPU, install NVIDIA's driver, release 527 or newer"
        : "to use an NVIDIA GPU, install NVIDIA's driver, release 525 or newer (Debian:"
            + " nvidia-driver; Ubuntu: ubuntu-drivers install), and let containers see it (--gpus"
            + " all)";
  }

  private String python() {
    return names == LibraryNames.WINDOWS ? "py -m pip install " : "python3 -m pip install ";
  }

  private Diagnosis cudnnFinding() {
    if (cudnn.isPresent()) {
      return new Diagnosis("cuDNN", true, cudnn.get().toString(), "");
    }
    return new Diagnosis(
        "cuDNN",
        false,
        names.dnn("") + " was not found" + others("cudnn"),
        "install cuDNN 9: %snvidia-cudnn-cu%d, or NVIDIA's package cudnn9-cuda-%d"
                .formatted(python(), release == 13 ? 13 : 12, release == 13 ? 13 : 12)
            + OTHERWISE);
  }

  private Diagnosis toolkitFinding() {
    if (release != 0) {
      return new Diagnosis(
          "cuBLAS and NVRTC", true, "CUDA " + release + ", " + library("cublas").getParent(), "");
    }
    List<String> missing = new ArrayList<>();
    for (String name : LIBRARIES) {
      String file = names.library(name, 12);
      if (search.find(file).isEmpty()) {
        missing.add(file);
      }
    }
    return new Diagnosis(
        "cuBLAS and NVRTC",
        false,
        "not found: "
            + String.join(", ", missing)
            + ", nor all three of CUDA 13"
            + others("cublas", "nvrtc"),
        toolkitAdvice());
  }

  private String toolkitAdvice() {
    String packages =
        names == LibraryNames.WINDOWS
            ? ", or NVIDIA's CUDA 12 toolkit"
            : ", or NVIDIA's packages libcublas-12-6 and cuda-nvrtc-12-6";
    return "install CUDA 12's: "
        + python()
        + "nvidia-cublas-cu12 nvidia-cuda-nvrtc-cu12"
        + packages
        + OTHERWISE;
  }

  private Diagnosis bridgeFinding() {
    if (names == LibraryNames.WINDOWS) {
      return new Diagnosis(
          "CUDA 13 bridge",
          false,
          "this machine has CUDA 13 and not 12, and the bridge to it is for Linux",
          toolkitAdvice());
    }
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
  private String others(String... libraries) {
    List<Path> found = new ArrayList<>();
    for (String name : libraries) {
      found.addAll(search.matching(names.anyRelease(name)));
    }
    return found.isEmpty()
        ? ""
        : " ("
            + found.stream().map(Path::toString).collect(Collectors.joining(", "))
            + (found.size() == 1 ? " is another release)" : " are other releases)");
  }

  private Path library(String name) {
    return search.find(names.library(name, release)).orElseThrow();
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
      files.addAll(search.matching(names.compilerParts(major)));
      for (String name : List.of("nvrtc", "cublasLt", "cublas")) {
        search.find(names.library(name, major)).ifPresent(files::add);
      }
    }
    if (release == 13) {
      // A lone library of CUDA 12 would take the bridge's name.
      for (String name : List.of("cublas", "nvrtc")) {
        files.removeIf(file -> file.endsWith(names.library(name, 12)));
      }
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
      Path file = folder.resolve(names.dnn(part));
      if (file.toFile().isFile()) {
        parts.add(file);
      }
    }
    return parts;
  }
}
