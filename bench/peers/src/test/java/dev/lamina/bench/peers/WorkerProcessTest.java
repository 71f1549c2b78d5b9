package dev.lamina.bench.peers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.bench.peers.engine.Mode;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class WorkerProcessTest {
  private static final Settings SETTINGS = new Settings("lenet5", 64, 16, 1, 2, 20, 3, 5, 2, 0);

  /** Answers as its variant says. */
  static final class ScriptedWorker {
    public static void main(String[] arguments) throws IOException {
      WorkerRequest request = Wire.read(System.in, WorkerRequest.class);
      if (!request.settings().equals(SETTINGS)) {
        System.exit(9);
      }
      switch (request.variant()) {
        case "report" -> Wire.write(System.out, Reports.training("report", 2f, 1f));
        case "fail" -> System.exit(3);
        default -> System.out.println("Segmentation fault");
      }
    }
  }

  @Test
  void passesTheRequestInAndTheReportOut() {
    WorkerReport report = run("report");
    assertEquals("engine", report.engine());
    assertEquals(Mode.TRAINING, report.mode());
    assertArrayEquals(new float[] {2, 1}, report.evidence());
    assertEquals(64, report.windows().get(0).imagesPerSecond());
  }

  @Test
  void saysWhichWorkerFailedAndHow() {
    String message = assertThrows(WorkerException.class, () -> run("fail")).getMessage();
    assertTrue(message.contains("pytorch/fail training") && message.contains("3"), message);
  }

  @Test
  void showsWhatAWorkerPrintedInPlaceOfAReport() {
    String message = assertThrows(WorkerException.class, () -> run("crash")).getMessage();
    assertTrue(message.contains("Segmentation fault"), message);
  }

  @Test
  void keepsSteeringVariablesFromWorkers() {
    assertTrue(WorkerProcess.steers("OMP_NUM_THREADS"));
    assertTrue(WorkerProcess.steers("DJL_CACHE_DIR"));
    assertFalse(WorkerProcess.steers("PATH"));
  }

  private static WorkerReport run(String variant) {
    return new WorkerProcess(ScriptedWorker.class)
        .run(new WorkerRequest("pytorch", variant, Mode.TRAINING, "cache", SETTINGS));
  }
}
