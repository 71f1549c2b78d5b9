package dev.lamina.bench.peers.pytorch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.bench.peers.engine.InferenceSession;
import dev.lamina.bench.peers.engine.LeNet5Definition;
import dev.lamina.bench.peers.engine.Network;
import dev.lamina.bench.peers.engine.Setup;
import dev.lamina.bench.peers.engine.TrainingSession;
import dev.lamina.bench.peers.engine.Workload;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PyTorchLeNet5Test {
  private final Workload workload = new Workload(Network.named("lenet5"), 3, 2, 7);
  private final LeNet5Definition definition = new LeNet5Definition(workload);

  @BeforeAll
  static void nativesAreOnTheClassPath() {
    assumeTrue(
        PyTorchEngine.class.getResource("/native/lib/pytorch.properties") != null,
        "PyTorch's native libraries are on the class path with -Prun only");
  }

  @Test
  void probabilitiesAreThoseOfTheDefinition() {
    for (String variant :
        new String[] {PyTorchEngine.SHARED_THREADS, PyTorchEngine.BATCH_PER_THREAD}) {
      try (InferenceSession session = new PyTorchEngine().openInference(setup(variant))) {
        session.run(5);
        float[] probabilities = session.firstProbabilities();
        double[] expected = definition.probabilities(0);
        assertEquals(expected.length, probabilities.length);
        for (int i = 0; i < expected.length; i++) {
          assertEquals(expected[i], probabilities[i], 1e-6, variant + " value " + i);
        }
      }
    }
  }

  @Test
  void lossesAreTheMeanCrossEntropyAndFallTheSameWithBothUpdates() {
    float[] stock = losses(PyTorchEngine.STOCK_SGD);
    float[] inPlace = losses(PyTorchEngine.IN_PLACE_SGD);
    assertEquals(definition.loss(0), stock[0], 1e-5);
    assertTrue(stock[stock.length - 1] < 0.9 * stock[0], "no learning");
    assertArrayEquals(stock, inPlace, 1e-5f);
  }

  private float[] losses(String variant) {
    try (TrainingSession session = new PyTorchEngine().openTraining(setup(variant))) {
      float[] losses = session.runForLosses(12);
      assertTrue(session.updateNanos().orElseThrow() > 0);
      return losses;
    }
  }

  private Setup setup(String variant) {
    return new Setup(workload, variant, 2, Path.of("target", "native").toAbsolutePath());
  }
}
