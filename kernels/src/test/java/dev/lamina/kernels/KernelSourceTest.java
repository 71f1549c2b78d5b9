package dev.lamina.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.kernels.Program.Dialect;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KernelSourceTest {
  @Test
  void definesStandBeforeTheFilesAndEachFileCountsItsOwnLines() {
    String text =
        new KernelSource(List.of("operands.cl", "gemm.cl"), Map.of("TILE_M", "64"))
            .text(Dialect.OPENCL);
    int prelude = text.indexOf("#line 1 \"prelude.opencl.h\"");
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

  private static List<String> words(String text) {
    return text.lines()
        .takeWhile(line -> !line.contains("elementwise.cl"))
        .filter(line -> line.startsWith("#define "))
        .map(line -> line.split("[ (]")[1])
        .toList();
  }
}
