package dev.lamina.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.bench.peers.engine.Session;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class MeasurementTest {
  private static final class CountingSession implements Session {
    long steps;

    @Override
    public void run(int steps) {
      this.steps += steps;
    }

    @Override
    public void close() {}
  }

  private final CountingSession session = new CountingSession();

  @Test
  void runsAsManyStepsAsAskedFor() {
    Measurement measurement =
        new Measurement(session, settings(3, 0, 7), () -> OptionalLong.of(session.steps * 1000));
    List<Window> windows = measurement.run();
    assertEquals(3, windows.size());
    for (Window window : windows) {
      assertEquals(7, window.steps());
      assertEquals(7 * 64, window.images());
      assertEquals(7e-6, window.updateSeconds(), 1e-12);
    }
    assertEquals(session.steps, measurement.warmUpSteps() + 21);
  }

  @Test
  void aWindowByTimeLastsAtLeastThatLong() {
    Measurement measurement = new Measurement(session, settings(2, 0.002, 0), OptionalLong::empty);
    long steps = 0;
    for (Window window : measurement.run()) {
      assertTrue(window.seconds() >= 0.002, () -> "only " + window.seconds() + " s");
      assertNull(window.updateSeconds());
      steps += window.steps();
    }
    assertEquals(session.steps, measurement.warmUpSteps() + steps);
  }

  private static Settings settings(int windows, double windowSeconds, int windowSteps) {
    return new Settings("lenet5", 64, 16, 1, 1, 2, 0, windows, windowSeconds, windowSteps);
  }
}
