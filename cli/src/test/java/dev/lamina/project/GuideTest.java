package dev.lamina.project;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.device.Kernel;
import dev.lamina.kernels.Program;
import dev.lamina.kernels.TaskProgram;
import dev.lamina.testkit.RequiredDevices;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of docs/task-graphs.md, taken out of the page, compiled and run. */
class GuideTest {
  private static final Pattern FILE =
      Pattern.compile("`([\\w.]+)`[^\n]*:\n\n```(?:c|java)\n(.*?)```", Pattern.DOTALL);
  private static final Pattern OUTPUT =
      Pattern.compile("Its output:\n\n```\n(.*?)```", Pattern.DOTALL);

  @TempDir Path folder;

  private static String guide() throws IOException {
    return Files.readString(ProjectModel.root().resolve("docs/task-graphs.md"));
  }

  /** Writes all files that the page shows. */
  private void writeFiles() throws IOException {
    Matcher files = FILE.matcher(guide());
    while (files.find()) {
      Files.writeString(folder.resolve(files.group(1)), files.group(2));
    }
  }

  private static String output(int position) throws IOException {
    return OUTPUT.matcher(guide()).results().skip(position).findFirst().orElseThrow().group(1);
  }

  /** Returns what the program prints; its kernels are resources beside it. */
  private String run(String program, String... arguments) throws Exception {
    writeFiles();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    String source = folder.resolve(program + ".java").toString();
    String classPath = System.getProperty("java.class.path");
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    int failed =
        compiler.run(
            null,
            messages,
            messages,
            "-Xlint:all,-path",
            "-Werror",
            "-proc:none",
            "-cp",
            classPath,
            source);
    assertEquals(0, failed, messages.toString(StandardCharsets.UTF_8));
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(messages, true, StandardCharsets.UTF_8));
      Method main = loader.loadClass(program).getDeclaredMethod("main", String[].class);
      main.setAccessible(true);
      main.invoke(null, (Object) arguments);
    } finally {
      System.setOut(out);
      System.setErr(err);
      thread.setContextClassLoader(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void elementwiseKernelRunsAsShown() throws Exception {
    RequiredDevices.require("opencl:0");
    Path trace = folder.resolve("trace.json");
    assertEquals(output(0), run("Saxpy", "opencl:0", trace.toString()));
    assertTrue(Files.readString(trace).contains("\"name\":\"axpy\""));
  }

  @Test
  void reductionAndProductRunAsShown() throws Exception {
    RequiredDevices.require("opencl:0");
    assertEquals(output(1), run("Cosines", "opencl:0"));
  }

  @Test
  void portableKernelIsCudaToo() throws Exception {
    boolean found =
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .anyMatch(part -> !part.isEmpty() && Files.isExecutable(Path.of(part, "nvcc")));
    assumeTrue(found, "nvcc is not on the PATH");
    writeFiles();
    Kernel kernel =
        Kernel.of(folder.resolve("rows.cl"), "unit_rows").portable().define("GROUP", 64);
    Path cuda = folder.resolve("rows.cu");
    Path ptx = folder.resolve("rows.ptx");
    Files.writeString(cuda, new TaskProgram(kernel).text(Program.Dialect.CUDA));
    List<String> command =
        List.of("nvcc", "-ptx", "-arch=compute_75", "-o", ptx.toString(), cuda.toString());
    Process nvcc = new ProcessBuilder(command).redirectErrorStream(true).start();
    String messages = new String(nvcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, nvcc.waitFor(), messages);
    assertFalse(Files.readString(ptx).isEmpty());
  }
}
