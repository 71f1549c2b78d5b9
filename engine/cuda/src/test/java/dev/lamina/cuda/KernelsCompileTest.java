package dev.lamina.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.device.Kernel;
import dev.lamina.device.OpCall;
import dev.lamina.device.Precision;
import dev.lamina.kernels.Form;
import dev.lamina.kernels.KernelCall;
import dev.lamina.kernels.KernelOps;
import dev.lamina.kernels.KernelTarget;
import dev.lamina.kernels.KernelWay;
import dev.lamina.kernels.Program;
import dev.lamina.kernels.TaskProgram;
import dev.lamina.testkit.Calls;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All programs of all cases of the conformance suite are CUDA C: needs nvcc, but no GPU. */
class KernelsCompileTest {
  /** A user's, with the words that no kernel of ours uses. */
  private static final Kernel PORTABLE =
      Kernel.ofText(
              "portable.cl",
              """
              KERNEL void places(GLOBAL int* RESTRICT to) {
                int x = GROUP_ID + LOCAL_ID + GLOBAL_SIZE;
                int y = GROUP_ID_Y + LOCAL_ID_Y + GLOBAL_SIZE_Y;
                int z = GROUP_ID_Z + LOCAL_ID_Z + GLOBAL_SIZE_Z;
                to[GLOBAL_ID + GLOBAL_ID_Y + GLOBAL_ID_Z] = x + y + z;
              }
              """,
              "places")
          .portable();

  @TempDir Path folder;

  /**
   * One compilation for all variants, since the compiler takes long to start: each program gets a
   * namespace, and its macros end with it.
   */
  @Test
  void everyVariantCompilesToPtx() throws Exception {
    assumeTrue(onPath("nvcc"), "nvcc is not on the PATH");
    StringBuilder text = new StringBuilder();
    int program = 0;
    for (String source : programs()) {
      Set<String> macros = new TreeSet<>();
      Matcher defines = Pattern.compile("(?m)^\\s*#\\s*define\\s+(\\w+)").matcher(source);
      while (defines.find()) {
        macros.add(defines.group(1));
      }
      text.append("namespace program").append(program++).append(" {\n");
      text.append(source.replace("extern \"C\" __global__", "__global__")).append("\n}\n");
      macros.forEach(macro -> text.append("#undef ").append(macro).append('\n'));
    }
    Path file = folder.resolve("kernels.cu");
    Path ptx = folder.resolve("kernels.ptx");
    Files.writeString(file, text);
    Process nvcc =
        new ProcessBuilder(
                "nvcc", "-ptx", "-arch=compute_75", "-o", ptx.toString(), file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(nvcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, nvcc.waitFor(), output);
    long entries = Files.readAllLines(ptx).stream().filter(l -> l.contains(".entry ")).count();
    assertTrue(entries >= program, entries + " kernels of " + program + " programs");
  }

  /** The programs' texts, each once. */
  private static Set<String> programs() {
    Set<String> programs = new LinkedHashSet<>();
    programs.add(new TaskProgram(PORTABLE).text(Program.Dialect.CUDA));
    for (Precision precision : Precision.values()) {
      programs.add(Epilogue.source(Form.images(precision)));
      KernelTarget target = new KernelTarget(false, 132, precision);
      for (OpCall call : Calls.all(KernelOps.ops())) {
        for (KernelWay way : KernelOps.ways(call, target)) {
          for (KernelCall launch : way.calls()) {
            programs.add(launch.source().text(Program.Dialect.CUDA));
          }
        }
      }
    }
    return programs;
  }

  private static boolean onPath(String program) throws IOException {
    for (String part : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      if (!part.isEmpty() && Files.isExecutable(Path.of(part, program))) {
        return true;
      }
    }
    return false;
  }
}
