package dev.lamina.cuda.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What doctor says on machines that lack this or that, each made of stand-in libraries. */
class DoctorTest {
  @TempDir Path folder;

  @Test
  void withoutDriverNothingElseIsAskedFor() {
    String answer = new StandIns(folder).doctor();
    assertContains(answer, "NVIDIA driver", "libcuda.so.1 was not found", "release 525");
    assertEquals(1, answer.lines().count(), answer);
  }

  @Test
  void completeMachineLoadsAndAnswers() {
    String answer = new StandIns(folder).driver(12060).cublas(12).nvrtc(12).cudnn(90100).doctor();
    assertContains(
        answer,
        "loaded {CUDA driver=12.6, cuDNN=9.1.0, cuBLAS=12.1.2, NVRTC=12.0}",
        "cuBLAS handle 0 4711",
        "cuDNN handle 0");
  }

  @Test
  void missingCudnnIsNamedWithWhatToInstall() {
    String answer = new StandIns(folder).driver(12060).cublas(12).nvrtc(12).doctor();
    assertContains(answer, "libcudnn.so.9 was not found", "nvidia-cudnn-cu12", "LAMINA_CUDA_PATH");
  }

  @Test
  void olderCudnnIsShown() throws IOException {
    String answer =
        new StandIns(folder).driver(12060).cublas(12).nvrtc(12).named("libcudnn.so.8").doctor();
    assertContains(answer, "libcudnn.so.8 is another release");
  }

  @Test
  void missingToolkitIsNamedByItsFiles() throws IOException {
    String answer =
        new StandIns(folder).driver(12060).cudnn(90100).named("libcublas.so.11").doctor();
    assertContains(answer, "libcublas.so.12, libcublasLt.so.12, libnvrtc.so.12", "libcublas.so.11");
    assertContains(answer, "nvidia-cublas-cu12");
  }

  @Test
  void cudaThirteenAloneAsksForTheBridgeAndRunsThroughIt() {
    StandIns machine = new StandIns(folder).driver(13000).cublas(13).nvrtc(13).cudnn(91300);
    String before = machine.doctor();
    assertContains(before, "CUDA 13 and not 12", "sh " + machine.home());
    String command = before.replaceAll("(?s).*(sh /[^\\]\\s]*/build).*", "$1");
    StandIns.run(List.of("sh", "-c", command));
    String after = machine.doctor();
    assertContains(
        after,
        "loaded {CUDA driver=13.0, cuDNN=9.13.0, cuBLAS=13.1.2, NVRTC=13.0}",
        "cuBLAS handle 0 4711");
  }

  @Test
  void driverThatIsTooOldIsRefused() {
    String answer = new StandIns(folder).driver(11080).cublas(12).nvrtc(12).cudnn(90100).doctor();
    assertContains(answer, "refused NVIDIA driver", "up to CUDA 11.8", "release 525");
  }

  @Test
  void libraryThatIsTooOldIsRefused() {
    String answer = new StandIns(folder).driver(12060).cublas(12).nvrtc(12).cudnn(8907).doctor();
    assertContains(answer, "refused cuDNN: version 8.9.7 is too old", "nvidia-cudnn-cu12");
  }

  @Test
  void compilerNewerThanTheDriverIsRefused() {
    StandIns machine = new StandIns(folder).driver(12060).cublas(13).nvrtc(13).cudnn(91300);
    String command = machine.doctor().replaceAll("(?s).*(sh /[^\\]\\s]*/build).*", "$1");
    StandIns.run(List.of("sh", "-c", command));
    assertContains(machine.doctor(), "refused NVRTC", "CUDA 13.0", "CUDA 12.6");
  }

  private static void assertContains(String text, String... parts) {
    for (String part : parts) {
      assertTrue(text.contains(part), "\"" + part + "\" is not in:\n" + text);
    }
  }
}
