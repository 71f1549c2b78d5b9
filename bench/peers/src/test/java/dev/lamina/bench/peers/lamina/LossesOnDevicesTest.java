package dev.lamina.bench.peers.lamina;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.bench.peers.engine.Network;
import dev.lamina.bench.peers.engine.Setup;
import dev.lamina.bench.peers.engine.TrainingSession;
import dev.lamina.bench.peers.engine.Workload;
import dev.lamina.testkit.LossTolerance;
import dev.lamina.testkit.RequiredDevices;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * LeNet-5's first losses on OpenCL are those on the CPU device, batch after batch.
 *
 * <p>Rounding alone lets them part by 1e-7 at first and 5e-7 to 1e-5 after a hundred updates. Where
 * a value lies so near to zero at a ReLU, or to another under a maximum, that rounding decides, one
 * gradient takes another way: the next losses differ by 1e-3, and that grows tenfold in some 40
 * updates, between two CPU runs with one and two lanes just as between devices. So one run that
 * meets no such value must agree in all its losses; a device that errs agrees in none.
 */
class LossesOnDevicesTest {
  private static final int UPDATES = 100;

  /** Of three runs two meet no such value. */
  private static final int SEEDS = 8;

  @TempDir private Path cache;

  @Test
  void firstHundredLossesAgreeWithinRounding() {
    RequiredDevices.require("opencl:0");
    List<String> partings = new ArrayList<>();
    for (int seed = 1; seed <= SEEDS; seed++) {
      float[] expected = losses("cpu", seed);
      float[] losses = losses("opencl:0", seed);
      assertTrue(expected[UPDATES - 1] < expected[0] / 2, "no learning");
      int parting = 0;
      while (parting < UPDATES
          && Math.abs(losses[parting] - expected[parting])
              <= LossTolerance.ofRounding(expected[parting])) {
        parting++;
      }
      if (parting == UPDATES) {
        return;
      }
      partings.add(
          "seed %d at update %d with %s on opencl:0, %s on cpu"
              .formatted(seed, parting, losses[parting], expected[parting]));
    }
    throw new AssertionError("every run parted by more than rounding: " + partings);
  }

  private float[] losses(String device, long seed) {
    Workload workload = new Workload(Network.named("lenet5"), 64, UPDATES, seed);
    try (TrainingSession session =
        new LaminaEngine().openTraining(new Setup(workload, device, 1, cache))) {
      return session.runForLosses(UPDATES);
    }
  }
}
