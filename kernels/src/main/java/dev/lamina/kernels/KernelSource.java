package dev.lamina.kernels;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A program of ours: kernel files and the constants they are specialised by. Equal sources are one
 * program.
 *
 * @param files names of the resources, in order
 * @param defines macros, in order
 */
public record KernelSource(List<String> files, Map<String, String> defines) implements Program {
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
