package dev.lamina.device;

import dev.lamina.op.Cost;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A kernel of the user's: its source and its name there. Sources are OpenCL C 1.2 for OpenCL
 * devices and CUDA C for CUDA devices, or {@link #portable()} for both.
 *
 * @param file the source's name, which compilers put before their messages
 * @param text the source
 * @param name the kernel's name
 * @param isPortable whether it is written in the words of both languages
 * @param defines macros, in order
 * @param cost what one launch takes, where it was declared
 * @param least elements that arrays must have, by parameter
 */
public record Kernel(
    String file,
    String text,
    String name,
    boolean isPortable,
    Map<String, String> defines,
    Optional<Cost> cost,
    Map<String, Long> least) {
  /** Copies the maps. */
  public Kernel {
    defines = Collections.unmodifiableMap(new LinkedHashMap<>(defines));
    least = Collections.unmodifiableMap(new LinkedHashMap<>(least));
  }

  /**
   * Reads a kernel from a file or, if there is none of that name, from a resource of the class
   * path.
   *
   * @param source for example {@code kernels/saxpy.cl}, from the working directory or from the root
   *     of the class path
   * @throws IllegalArgumentException if there is neither
   * @throws UncheckedIOException if it cannot be read
   */
  public static Kernel of(String source, String name) {
    Path path = Path.of(source);
    if (Files.exists(path)) {
      return of(path, name);
    }
    try (InputStream resource = loader().getResourceAsStream(source)) {
      if (resource == null) {
        throw new IllegalArgumentException(
            "kernel %s: %s is neither a file, looked for as %s, nor a resource of the class path"
                .formatted(name, source, path.toAbsolutePath()));
      }
      return ofText(source, new String(resource.readAllBytes(), StandardCharsets.UTF_8), name);
    } catch (IOException unreadable) {
      throw new UncheckedIOException("kernel " + name + ": cannot read " + source, unreadable);
    }
  }

  /**
   * Reads a kernel from a file.
   *
   * @throws UncheckedIOException if it cannot be read
   */
  public static Kernel of(Path source, String name) {
    try {
      return ofText(source.toString(), Files.readString(source), name);
    } catch (IOException unreadable) {
      throw new UncheckedIOException("kernel " + name + ": cannot read " + source, unreadable);
    }
  }

  /**
   * Takes a kernel from a text.
   *
   * @param file what messages call the text
   */
  public static Kernel ofText(String file, String text, String name) {
    String unixFile = file.replace('\\', '/').replace('"', '\'');
    return new Kernel(unixFile, text, name, false, Map.of(), Optional.empty(), Map.of());
  }

  private static ClassLoader loader() {
    ClassLoader own = Thread.currentThread().getContextClassLoader();
    return own == null ? ClassLoader.getSystemClassLoader() : own;
  }

  /**
   * Returns this kernel as one written in words that are macros in both languages ({@code KERNEL},
   * {@code GLOBAL}, {@code GLOBAL_ID}, ...), so that one text runs on OpenCL and on CUDA.
   */
  public Kernel portable() {
    return new Kernel(file, text, name, true, defines, cost, least);
  }

  /** Returns this kernel with a macro before its text. */
  public Kernel define(String macro, Object value) {
    Map<String, String> all = new LinkedHashMap<>(defines);
    all.put(macro, value.toString());
    return new Kernel(file, text, name, isPortable, all, cost, least);
  }

  /**
   * Returns this kernel with what one launch takes, for profiles. Without it a profile counts each
   * array's bytes once and no arithmetic.
   */
  public Kernel withCost(Cost launch) {
    return new Kernel(file, text, name, isPortable, defines, Optional.of(launch), least);
  }

  /**
   * Returns this kernel with the least number of elements that the array for a parameter must have;
   * a smaller one is refused when the plan is built.
   */
  public Kernel requiring(String parameter, long elements) {
    Map<String, Long> all = new LinkedHashMap<>(least);
    all.put(parameter, elements);
    return new Kernel(file, text, name, isPortable, defines, cost, all);
  }

  /** Returns name, file and macros, not the text. */
  @Override
  public String toString() {
    return name + " of " + file + (defines.isEmpty() ? "" : " " + defines);
  }
}
