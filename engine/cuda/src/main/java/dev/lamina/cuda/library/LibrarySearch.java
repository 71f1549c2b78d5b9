package dev.lamina.cuda.library;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The folders of this machine in which NVIDIA's libraries may lie, in order: those that {@value
 * #VARIABLE} names, the loader's, CUDA's own, the distribution's, and those of Python's packages
 * ({@code nvidia/*}/lib, on Windows bin).
 */
public final class LibrarySearch {
  /** The environment variable with folders to look in first, separated as in PATH. */
  public static final String VARIABLE = "LAMINA_CUDA_PATH";

  private static final int MOST_LINKS = 8;

  private final Set<Path> folders = new LinkedHashSet<>();
  private final LibraryNames names;
  private final Path root;

  private LibrarySearch(LibraryNames names, Path root) {
    this.names = names;
    this.root = root;
  }

  /** Returns the search on this machine, for this process's environment. */
  static LibrarySearch standard(LibraryNames names) {
    Path root = Path.of(names == LibraryNames.WINDOWS ? "C:\\" : "/");
    return of(names, System.getenv(), root, Path.of(System.getProperty("user.home")));
  }

  /** Returns the search for an environment on a machine whose files begin at {@code root}. */
  static LibrarySearch of(
      LibraryNames names, Map<String, String> environment, Path root, Path home) {
    LibrarySearch search = new LibrarySearch(names, root);
    for (Path own : search.list(environment.get(VARIABLE))) {
      search.toolkit(own);
    }
    if (names == LibraryNames.WINDOWS) {
      search.windows(environment);
      search.windowsPython(environment, home);
    } else {
      search.linux(environment);
      search.python(environment, home);
    }
    return search;
  }

  /** Lets a folder be looked into before all others. */
  void prefer(Path folder) {
    Set<Path> others = new LinkedHashSet<>(folders);
    folders.clear();
    add(folder);
    folders.addAll(others);
  }

  /** Returns how libraries are called on the machine. */
  LibraryNames names() {
    return names;
  }

  /** The toolkit's own installer puts its folders on PATH, and says CUDA_PATH. */
  private void windows(Map<String, String> environment) {
    list(environment.get("PATH")).forEach(this::add);
    list(environment.get("CUDA_PATH")).forEach(this::toolkit);
    Path programs = folder(environment.get("ProgramFiles"), "Program Files");
    newestFirst(glob(programs.resolve("NVIDIA GPU Computing Toolkit/CUDA"), "v*"))
        .forEach(this::toolkit);
    for (Path release : newestFirst(glob(programs.resolve("NVIDIA/CUDNN"), "v*"))) {
      newestFirst(glob(release.resolve("bin"), "*")).forEach(this::toolkit);
      toolkit(release);
    }
    add(folder(environment.get("SystemRoot"), "Windows").resolve("System32"));
  }

  private Path folder(String value, String usual) {
    List<Path> given = list(value);
    return given.isEmpty() ? root.resolve(usual) : given.get(0);
  }

  private void windowsPython(Map<String, String> environment, Path home) {
    List<Path> environments = new ArrayList<>();
    environments.addAll(list(environment.get("VIRTUAL_ENV")));
    environments.addAll(list(environment.get("CONDA_PREFIX")));
    for (Path programs : list(environment.get("PATH"))) {
      if (Files.exists(programs.resolve("python.exe"))) {
        boolean scripts = programs.endsWith("Scripts");
        environments.add(scripts ? programs.getParent() : programs);
      }
    }
    Path local = home.resolve("AppData/Local/Programs/Python");
    environments.addAll(newestFirst(glob(local, "Python3*")));
    for (Path candidate : environments) {
      packages(candidate.resolve("Lib/site-packages"));
    }
    for (Path version : newestFirst(glob(home.resolve("AppData/Roaming/Python"), "Python3*"))) {
      packages(version.resolve("site-packages"));
    }
  }

  private void linux(Map<String, String> environment) {
    list(environment.get("LD_LIBRARY_PATH")).forEach(this::add);
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      list(environment.get(variable)).forEach(this::toolkit);
    }
    newestFirst(glob(root.resolve("usr/local"), "cuda*")).forEach(this::toolkit);
    toolkit(root.resolve("opt/cuda"));
    for (Path file : glob(root.resolve("etc/ld.so.conf.d"), "*.conf")) {
      for (String line : lines(file)) {
        if (line.startsWith("/")) {
          add(root.resolve(line.strip().substring(1)));
        }
      }
    }
    for (String folder :
        List.of(
            "usr/lib/x86_64-linux-gnu",
            "lib/x86_64-linux-gnu",
            "usr/lib64",
            "usr/lib",
            "usr/lib/x86_64-linux-gnu/nvidia/current",
            "usr/local/nvidia/lib64",
            "usr/local/nvidia/lib",
            "usr/lib/wsl/lib")) {
      add(root.resolve(folder));
    }
  }

  /** An environment's folder is known by itself, or by the folder of programs that PATH names. */
  private void python(Map<String, String> environment, Path home) {
    List<Path> environments = new ArrayList<>();
    environments.addAll(list(environment.get("VIRTUAL_ENV")));
    environments.addAll(list(environment.get("CONDA_PREFIX")));
    for (Path programs : list(environment.get("PATH"))) {
      environments.addAll(interpreters(programs.resolve("python3")));
    }
    environments.add(home.resolve(".local"));
    environments.add(root.resolve("usr/local"));
    environments.addAll(newestFirst(glob(home.resolve(".pyenv/versions"), "*")));
    for (Path candidate : environments) {
      for (Path version : newestFirst(glob(candidate.resolve("lib"), "python3*"))) {
        packages(version.resolve("site-packages"));
        packages(version.resolve("dist-packages"));
      }
    }
    packages(root.resolve("usr/lib/python3/dist-packages"));
  }

  /**
   * Returns the environments of an interpreter: the one it lies in, and those it is a link into,
   * link by link, since the interpreter of an environment is itself a link out of it.
   */
  private static List<Path> interpreters(Path python) {
    List<Path> environments = new ArrayList<>();
    Path at = python;
    for (int links = 0; links < MOST_LINKS && Files.exists(at); links++) {
      Path programs = at.toAbsolutePath().normalize().getParent();
      if (programs.getParent() != null) {
        environments.add(programs.getParent());
      }
      if (!Files.isSymbolicLink(at)) {
        break;
      }
      try {
        at = at.resolveSibling(Files.readSymbolicLink(at));
      } catch (IOException unreadable) {
        break;
      }
    }
    return environments;
  }

  private void packages(Path folder) {
    for (Path part : newestFirst(glob(folder.resolve("nvidia"), "*"))) {
      add(part.resolve(names.packageFolder()));
      add(part.resolve(names.packageFolder()).resolve("x86_64"));
    }
  }

  private void toolkit(Path folder) {
    names.folders().forEach(part -> add(folder.resolve(part)));
  }

  private void add(Path folder) {
    if (Files.isDirectory(folder)) {
      folders.add(folder);
    }
  }

  /** Returns the first file of that name. */
  Optional<Path> find(String fileName) {
    return folders.stream()
        .map(folder -> folder.resolve(fileName))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /** Returns the first file for each different name that matches the pattern. */
  List<Path> matching(String glob) {
    Set<Path> names = new LinkedHashSet<>();
    List<Path> files = new ArrayList<>();
    for (Path folder : folders) {
      for (Path file : glob(folder, glob)) {
        if (names.add(file.getFileName())) {
          files.add(file);
        }
      }
    }
    return files;
  }

  /** Returns the folders, in order. */
  Collection<Path> folders() {
    return folders;
  }

  private List<Path> list(String value) {
    List<Path> paths = new ArrayList<>();
    if (value != null) {
      for (String part : value.split(names.separator())) {
        try {
          if (!part.isBlank()) {
            paths.add(Path.of(part));
          }
        } catch (InvalidPathException noPath) {
          // A variable of the user's may hold anything; what is no path holds no library.
        }
      }
    }
    return paths;
  }

  private static List<Path> glob(Path folder, String pattern) {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, pattern)) {
        entries.forEach(found::add);
      } catch (IOException unreadable) {
        return List.of();
      }
    }
    found.sort(null);
    return found;
  }

  private static final Pattern NUMBER = Pattern.compile("(\\d+)");

  /** Sorts by the first numbers in the names, the greatest first: cuda-13.0 before cuda-12.6. */
  private static List<Path> newestFirst(List<Path> paths) {
    List<Path> sorted = new ArrayList<>(paths);
    sorted.sort((a, b) -> -key(a).compareTo(key(b)));
    return sorted;
  }

  private static String key(Path path) {
    StringBuilder key = new StringBuilder();
    Matcher numbers = NUMBER.matcher(path.getFileName().toString());
    while (numbers.find()) {
      key.append("%9s".formatted(numbers.group()));
    }
    return key.toString();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException unreadable) {
      return List.of();
    }
  }
}
