package dev.lamina.bench.peers.lamina;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.bench.peers.engine.InferenceSession;
import dev.lamina.bench.peers.engine.LeNet5Definition;
import dev.lamina.bench.peers.engine.Network;
import dev.lamina.bench.peers.engine.Setup;
import dev.lamina.bench.peers.engine.TrainingSession;
import dev.lamina.bench.peers.engine.Workload;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaminaLeNet5Test {
  @TempDir private Path cache;

  private final Workload workload = new Workload(Network.named("lenet5"), 3, 2, 7);
  private final LeNet5Definition definition = new LeNet5Definition(workload);

  @Test
  void probabilitiesAreThoseOfTheDefinition() {
    Workload large = new Workload(Network.named("lenet5"), 32, 2, 7);
    double[] expected = new LeNet5Definition(large).probabilities(0);
    for (ReferenceOptions options : kinds()) {
      try (InferenceSession session =
          new LaminaInference(ReferenceDevice.open(options), setup(large))) {
        session.run(1);
        float[] probabilities = session.firstProbabilities();
        assertEquals(expected.length, probabilities.length);
        for (int i = 0; i < expected.length; i++) {
          assertEquals(expected[i], probabilities[i], 1e-6, "value " + i);
        }
      }
    }
  }

  @Test
  void lossesAreThoseOfTheBatchesInTurn() {
    for (ReferenceOptions options : kinds()) {
      try (TrainingSession session =
          new LaminaTraining(ReferenceDevice.open(options), setup(workload))) {
        float[] losses = session.runForLosses(6);
        assertEquals(definition.loss(0), losses[0], 1e-5);
        assertTrue(losses[4] < 0.9 * losses[0] && losses[5] < losses[1], "no learning");
      }
    }
  }

  @Test
  void stepsCountWhetherTheirLossesAreReadOrNot() {
    try (TrainingSession read = new LaminaTraining(ReferenceDevice.open(), setup(workload));
        TrainingSession unread = new LaminaTraining(ReferenceDevice.open(), setup(workload))) {
      float[] losses = read.runForLosses(4);
      unread.run(3);
      assertArrayEquals(new float[] {losses[3]}, unread.runForLosses(1));
    }
  }

  private Setup setup(Workload workload) {
    return new Setup(workload, "reference", 1, cache);
  }

  private static List<ReferenceOptions> kinds() {
    ReferenceOptions host = ReferenceOptions.defaults();
    ReferenceOptions twoLanes =
        new ReferenceOptions(
            host.ways(), false, 2, host.alignment(), host.maxAllocation(), host.memoryLimit());
    return List.of(twoLanes, host.likeGpu());
  }
}
