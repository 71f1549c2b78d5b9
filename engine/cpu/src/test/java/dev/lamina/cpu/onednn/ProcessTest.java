package dev.lamina.cpu.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What must hold for a whole JVM: first start, small heap, quiet console. */
class ProcessTest {

  /** Ten JVMs, one empty cache: all of them must load complete natives. */
  @Test
  void tenProcessesStartAtOnceOnAnEmptyCache(@TempDir Path cache) throws Exception {
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      processes.add(
          start(
              Multiply.class,
              "-Xmx64m",
              "-XX:TieredStopAtLevel=1",
              "-Dorg.bytedeco.javacpp.cachedir=" + cache));
    }
    for (Process process : processes) {
      assertEquals("19.0", output(process));
    }
  }

  /** JavaCPP's own limits would refuse this at four times the heap. */
  @Test
  void aSlabLargerThanTheHeapDisturbsNothing() throws Exception {
    assertEquals("19.0", output(start(LargeSlab.class, "-Xmx128m")));
  }

  @Test
  void threadsOfOneProcessSetTheirOwnThreadCount() throws Exception {
    assertEquals("1 3 1", output(start(ThreadCounts.class)));
  }

  private static Process start(Class<?> main, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** All that the process printed, on either stream. */
  private static String output(Process process) throws Exception {
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "process still runs; printed: " + text);
    assertEquals(0, process.exitValue(), text);
    return text.strip();
  }

  static final class Multiply {
    public static void main(String[] arguments) {
      System.out.println(product());
    }

    static float product() {
      try (PrimitiveDesc desc =
          MatMul.of(
              Harness.plain(1, 3), Harness.plain(3, 1), null, Harness.plain(1, 1), PostOp.NONE)) {
        Map<Arg, float[]> inputs =
            Map.of(Arg.SRC, new float[] {1, 2, 3}, Arg.WEIGHTS, new float[] {2, 4, 3});
        return Harness.run(desc, inputs, Arg.DST).get(Arg.DST)[0];
      }
    }
  }

  static final class LargeSlab {
    public static void main(String[] arguments) {
      long bytes = 640L << 20;
      try (NativeMemory slab = NativeMemory.allocate(bytes)) {
        ByteBuffer pages = slab.view(0, bytes);
        for (int offset = 0; offset < bytes; offset += 4096) {
          pages.put(offset, (byte) 1);
        }
        System.out.println(Multiply.product());
      }
    }
  }

  static final class ThreadCounts {
    public static void main(String[] arguments) throws InterruptedException {
      OpenMp.setThreads(1);
      int before = OpenMp.threads();
      int[] other = new int[1];
      Thread thread =
          new Thread(
              () -> {
                OpenMp.setThreads(3);
                other[0] = OpenMp.threads();
              });
      thread.start();
      thread.join();
      System.out.println(before + " " + other[0] + " " + OpenMp.threads());
    }
  }
}
