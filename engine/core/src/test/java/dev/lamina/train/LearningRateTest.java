package dev.lamina.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.train.LearningRate.Moment;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LearningRateTest {
  private static void assertRates(LearningRate rate, int perEpoch, int epochs, double... expected) {
    for (int update = 0; update < expected.length; update++) {
      assertEquals(
          expected[update], rate.at(new Moment(update, perEpoch, epochs)), 1e-6, "at " + update);
    }
  }

  @Test
  void stepsAfterEpochs() {
    assertRates(LearningRate.step(1, 2, 0.5f), 2, 5, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25);
    LearningRate milestones = LearningRate.multiStep(1, List.of(1, 3), 0.1f);
    assertRates(milestones, 2, 4, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01);
  }

  /** Rates of torch.optim.lr_scheduler.CosineAnnealingLR: T_max 4, eta_min 0.2. */
  @Test
  void followsHalfACosine() {
    double half = Math.sqrt(0.5);
    LearningRate rate = LearningRate.cosine(1, 0.2f, 0);
    assertRates(rate, 1, 4, 1, 0.6 + 0.4 * half, 0.6, 0.6 - 0.4 * half);
    LearningRate risen = LearningRate.cosine(1, 0, 2);
    assertRates(risen, 2, 4, 0.25, 0.5, 0.75, 1, 1, 0.5 + half / 2, 0.5, 0.5 - half / 2);
  }

  /** Rates of torch.optim.lr_scheduler.OneCycleLR: max_lr 1, total_steps 10. */
  @Test
  void goesThroughOneCycle() {
    double down = 1 / 25.0 / 1e4;
    double[] expected = new double[10];
    expected[0] = 0.04;
    expected[1] = 0.52;
    for (int update = 2; update < 10; update++) {
      double share = (update - 2) / 7.0;
      expected[update] = down + (1 - down) / 2 * (1 + Math.cos(Math.PI * share));
    }
    assertRates(LearningRate.oneCycle(1), 5, 2, expected);
    assertTrue(LearningRate.oneCycle(1).at(new Moment(0, 1, 1)) > 0);
  }

  @Test
  void warmsUp() {
    LearningRate rate = LearningRate.constant(1).withWarmUp(1.5f);
    assertRates(rate, 2, 4, 1 / 3.0, 2 / 3.0, 1, 1, 1);
    assertRates(LearningRate.constant(1).withWarmUp(0), 2, 4, 1, 1);
  }

  @Test
  void refusesWhatIsNoCourse() {
    assertThrows(IllegalArgumentException.class, () -> LearningRate.constant(0));
    assertThrows(IllegalArgumentException.class, () -> LearningRate.step(1, 0, 0.1f));
    List<Integer> falling = List.of(2, 1);
    assertThrows(IllegalArgumentException.class, () -> LearningRate.multiStep(1, falling, 0.1f));
    assertThrows(IllegalArgumentException.class, () -> LearningRate.cosine(1, 2, 0));
    assertThrows(IllegalArgumentException.class, () -> LearningRate.oneCycle(Float.NaN));
    assertThrows(IllegalArgumentException.class, () -> new Plateau(1, 0, 0));
  }

  /** As ReduceLROnPlateau(factor 0.5, patience 1): the second epoch in a row lowers the rate. */
  @Test
  void watchesForAPlateau() {
    Optional<Plateau> plateau = Optional.of(new Plateau(0.5f, 1, 0));
    double[] losses = {1, 0.99995, 0.9, 0.95, 0.9, 0.91, 0.92, 0.5};
    double[] factors = {1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25};
    int[] best = {1, 2, 3, 3, 3, 3, 3, 8};
    Watch watch = Watch.START;
    for (int epoch = 1; epoch <= losses.length; epoch++) {
      watch = watch.after(epoch, losses[epoch - 1], plateau);
      assertEquals(factors[epoch - 1], watch.rateFactor(), "after epoch " + epoch);
      assertEquals(best[epoch - 1], watch.bestEpoch(), "after epoch " + epoch);
    }
    assertEquals(1, Watch.START.after(1, 2, Optional.empty()).rateFactor());
  }
}
