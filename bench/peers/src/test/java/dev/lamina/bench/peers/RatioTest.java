package dev.lamina.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.bench.peers.engine.Mode;
import java.util.List;
import org.junit.jupiter.api.Test;

class RatioTest {
  private static Summary summary(
      String engine, String variant, double best, double median, double without, long peak) {
    return new Summary(
        Mode.TRAINING, engine, variant, 5, 5, best, median, 0.1, without, peak, 2 * peak);
  }

  @Test
  void setsOurMedianAgainstThePeersBest() {
    Ratio ratio =
        Ratio.of(
                Mode.TRAINING,
                List.of(
                    summary("lamina", "cpu", 5000, 4000, 9999, 50),
                    summary("pytorch", "a", 1000, 100, 1600, 200),
                    summary("pytorch", "b", 800, 700, 2000, 160)))
            .get(0);
    assertEquals("pytorch", ratio.peer());
    assertEquals("a", ratio.peerVariant());
    assertEquals(4, ratio.speed());
    assertEquals(2, ratio.speedWithoutPeerUpdate());
    assertEquals(100 / 200.0, ratio.memory());
  }

  @Test
  void setsEachDeviceAgainstPeersAndAgainstTheFirst() {
    List<Ratio> ratios =
        Ratio.of(
            Mode.TRAINING,
            List.of(
                summary("lamina", "cpu", 5000, 4000, 5000, 50),
                summary("lamina", "opencl:0", 3000, 2500, 3000, 50),
                summary("pytorch", "a", 1000, 100, 1600, 200)));
    assertEquals(
        List.of("cpu/pytorch a 4.0", "opencl:0/pytorch a 2.5", "opencl:0/lamina cpu 0.5"),
        ratios.stream()
            .map(r -> r.ours() + "/" + r.peer() + " " + r.peerVariant() + " " + r.speed())
            .toList());
  }

  @Test
  void sayNothingWithoutLaminaOrWithoutPeers() {
    assertTrue(Ratio.of(Mode.TRAINING, List.of(summary("pytorch", "a", 1, 1, 1, 1))).isEmpty());
    assertTrue(Ratio.of(Mode.TRAINING, List.of(summary("lamina", "cpu", 1, 1, 1, 1))).isEmpty());
    assertTrue(
        Ratio.of(
                Mode.INFERENCE,
                List.of(summary("lamina", "cpu", 1, 1, 1, 1), summary("pytorch", "a", 1, 1, 1, 1)))
            .isEmpty());
  }

  @Test
  void leavesOutWhatWasNotTimed() {
    Summary untimed =
        new Summary(Mode.TRAINING, "pytorch", "a", 5, 5, 1000, 900, null, 1000, 10, 10);
    List<Ratio> ratios =
        Ratio.of(Mode.TRAINING, List.of(summary("lamina", "cpu", 5000, 4000, 5000, 50), untimed));
    assertNull(ratios.get(0).speedWithoutPeerUpdate());
  }
}
