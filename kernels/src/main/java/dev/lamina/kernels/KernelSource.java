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
 * A program to compile: kernel files and the constants they are specialised by. Equal sources are
 * one program.
 *
 * @param files names of the resources, in order
 * @param defines macros, in order
 */
public record KernelSource(List<String> files, Map<String, String> defines) {
  /** The languages that a source can be compiled as. */
  public enum Dialect {
    /** OpenCL C 1.2. */
    OPENCL("prelude.opencl.h"),
    /** CUDA C, as NVRTC takes it. */
    CUDA("prelude.cuda.h");

    private final String prelude;

    Dialect(String prelude) {
      this.prelude = prelude;
    }
  }

  /** Copies list and map. */
  public KernelSource {
    files = List.copyOf(files);
    defines = Collections.unmodifiableMap(new LinkedHashMap<>(defines));
  }

  /** Returns the whole text; compilers' messages name the resources and their lines. */
  public String text(Dialect dialect) {
    StringBuilder text = new StringBuilder(line(dialect.prelude)).append(read(dialect.prelude));
    defines.forEach(
        (name, value) ->
            text.append("#define ").append(name).append(' ').append(value).append('\n'));
    for (String file : files) {
      text.append(line(file)).append(read(file));
    }
    return text.toString();
  }

  private static String line(String file) {
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
