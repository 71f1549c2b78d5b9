package dev.lamina.kernels;

import static java.util.stream.Collectors.joining;

import dev.lamina.io.TextHash;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.stream.Stream;

/**
 * A program of ours: kernel files and the constants they are specialised by. Equal sources are one
 * program.
 *
 * @param files names of the resources, in order
 * @param defines macros, in order
 */
public record KernelSource(List<String> files, Map<String, String> defines) implements Program {
  private static final int VERSION_BYTES = 6;

  /** Copies list and map. */
  public KernelSource {
    files = List.copyOf(files);
    defines = Collections.unmodifiableMap(new LinkedHashMap<>(defines));
  }

  @Override
  public String text(Dialect dialect) {
    StringBuilder text = new StringBuilder(prelude(dialect)).append(lines(defines));
    for (String file : files) {
      text.append(line(file)).append(read(file));
    }
    return text.toString();
  }

  /**
   * Returns what stands for the texts of all kernels: what was measured or computed with others
   * need not hold for these.
   */
  public static String version() {
    return Version.TEXT;
  }

  /** Read once, when somebody asks. */
  private static final class Version {
    static final String TEXT =
        TextHash.of(
            allFiles().stream().map(KernelSource::read).collect(joining("\0")), VERSION_BYTES);
  }

  /**
   * Returns the names of all kernel files and of their tuning data, in order, whether they lie in a
   * folder or in a JAR.
   */
  static List<String> allFiles() {
    URL one = KernelSource.class.getResource(Dialect.OPENCL.prelude());
    try {
      if (one.openConnection() instanceof JarURLConnection jar) {
        String folder = jar.getEntryName().substring(0, jar.getEntryName().lastIndexOf('/') + 1);
        return jar.getJarFile().stream()
            .map(JarEntry::getName)
            .filter(name -> name.startsWith(folder))
            .map(name -> name.substring(folder.length()))
            .filter(KernelSource::counts)
            .sorted()
            .toList();
      }
      try (Stream<Path> files = Files.list(Path.of(one.toURI()).getParent())) {
        return files
            .map(file -> file.getFileName().toString())
            .filter(KernelSource::counts)
            .sorted()
            .toList();
      }
    } catch (IOException | URISyntaxException unreadable) {
      throw new IllegalStateException("cannot list the kernels beside " + one, unreadable);
    }
  }

  private static boolean counts(String name) {
    return name.endsWith(".cl") || name.endsWith(".h") || name.endsWith(".json");
  }

  /** Returns the prelude of a language. */
  static String prelude(Dialect dialect) {
    return line(dialect.prelude()) + read(dialect.prelude());
  }

  /** Returns macros as lines of a program. */
  static String lines(Map<String, String> defines) {
    StringBuilder lines = new StringBuilder();
    defines.forEach(
        (name, value) ->
            lines.append("#define ").append(name).append(' ').append(value).append('\n'));
    return lines.toString();
  }

  static String line(String file) {
    return "#line 1 \"" + file + "\"\n";
  }

  private static String read(String file) {
    try (InputStream resource = KernelSource.class.getResourceAsStream(file)) {
      if (resource == null) {
        throw new IllegalArgumentException("there is no kernel file " + file);
      }
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException("cannot read kernel file " + file, unreadable);
    }
  }

  /** Returns files and constants, as messages name a program. */
  @Override
  public String toString() {
    return String.join(" + ", files) + (defines.isEmpty() ? "" : " " + defines);
  }
}
