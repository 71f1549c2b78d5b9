package dev.lamina.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.io.TextHash;
import dev.lamina.kernels.Program.Dialect;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KernelSourceTest {
  @ParameterizedTest
  @EnumSource
  void definesStandBeforeTheFilesAndEachFileCountsItsOwnLines(Dialect dialect) {
    String text =
        new KernelSource(List.of("operands.cl", "gemm.cl"), Map.of("TILE_M", "64")).text(dialect);
    String language = dialect == Dialect.CUDA ? "cuda" : "opencl";
    int prelude = text.indexOf("#line 1 \"prelude." + language + ".h\"\n// The words");
    int define = text.indexOf("#define TILE_M 64\n");
    int operands = text.indexOf("#line 1 \"operands.cl\"\n// How");
    int gemm = text.indexOf("#line 1 \"gemm.cl\"\n// Matrix");
    assertTrue(prelude >= 0 && prelude < define, text);
    assertTrue(define < operands && operands < gemm, text);
  }

  /** A word that only one prelude knows would compile on one side only. */
  @Test
  void bothPreludesKnowTheSameWords() {
    KernelSource source = new KernelSource(List.of("elementwise.cl"), Map.of());
    assertEquals(words(source.text(Dialect.OPENCL)), words(source.text(Dialect.CUDA)));
    assertFalse(words(source.text(Dialect.CUDA)).isEmpty());
  }

  @Test
  void missingFileIsNamed() {
    IllegalArgumentException missing =
        assertThrows(
            IllegalArgumentException.class,
            () -> new KernelSource(List.of("nothing.cl"), Map.of()).text(Dialect.OPENCL));
    assertTrue(missing.getMessage().contains("nothing.cl"), missing.getMessage());
  }

  /** Kernels lie in a folder here and in a JAR at a user's: both are listed alike. */
  @Test
  void versionIsOfAllFiles(@TempDir Path folder) throws Exception {
    assertTrue(KernelSource.allFiles().containsAll(List.of("gemm.cl", "prelude.cuda.h")));
    Path classes =
        Path.of(KernelSource.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path jar = folder.resolve("kernels.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(
            new JarEntry(classes.relativize(file).toString().replace(File.separatorChar, '/')));
        Files.copy(file, out);
      }
    }
    URL core = TextHash.class.getProtectionDomain().getCodeSource().getLocation();
    URL[] path = {jar.toUri().toURL(), core};
    try (URLClassLoader loader = new URLClassLoader(path, ClassLoader.getPlatformClassLoader())) {
      Object version =
          loader.loadClass(KernelSource.class.getName()).getMethod("version").invoke(null);
      assertEquals(KernelSource.version(), version);
    }
    assertTrue(KernelSource.version().matches("[0-9a-f]{12}"), KernelSource.version());
  }

  private static List<String> words(String text) {
    return text.lines()
        .takeWhile(line -> !line.contains("elementwise.cl"))
        .filter(line -> line.startsWith("#define "))
        .map(line -> line.split("[ (]")[1])
        .toList();
  }
}
